"""What the scripts t/faults_*.t share: two witnesses who talk while somebody does his worst, and what must hold then.

    with witnessed(server, "a flood of connections"):
        attack(flood, server)

The witnesses exchange messages all the while, and afterwards: none was lost, 99 of 100 took less than LATENCY, the
server is the same process, and its memory, threads and descriptors are what they were. Attackers are processes of their
own, so that Python's lock does not make the witnesses wait, and connect from addresses of 127.0.0.0/8, sources().
"""

import contextlib
import os
import resource
import select
import signal
import socket
import sys
import threading
import time
import traceback

import harness
from harness import *
from wire import *

LATENCY = 0.25 * SLOW

# How often the witnesses exchange a message, in seconds.
INTERVAL = 0.02

MEMORY = 5 * 1024


def size(full, part):
    """A size that make check has a part of."""
    return full if FULL else part


def sources(count, network=1):
    """That many addresses of this machine."""
    return ["127.%d.%d.%d" % (network, number // 250, number % 250 + 1) for number in range(count)]


def raise_descriptors():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


# What the kernel says of the server.

class State:
    """Memory in KiB, threads and descriptors of a process."""

    def __init__(self, pid):
        self.memory = self.threads = self.descriptors = None
        try:
            with open("/proc/%d/status" % pid, encoding="ascii", errors="replace") as file:
                for line in file:
                    if line.startswith("VmRSS:"):
                        self.memory = int(line.split()[1])
                    elif line.startswith("Threads:"):
                        self.threads = int(line.split()[1])
            self.descriptors = len(os.listdir("/proc/%d/fd" % pid))
        except OSError:
            pass

    def __repr__(self):
        return "%s KiB, %s threads, %s descriptors" % (self.memory, self.threads, self.descriptors)


def steady(server):
    """The server's state once nothing that is still going on changes it."""
    state = State(server.pid)
    while True:
        select.select([], [], [], 0.2 * SLOW)
        before, state = state, State(server.pid)
        if (before.threads, before.descriptors) == (state.threads, state.descriptors):
            return state


def settle(server, before, name):
    """Waits until the server is as it was; then, or when it does not get so, tests it."""
    if before.descriptors is None or before.memory is None:
        skip(3, "the system does not tell of processes")
        return
    deadline = time.monotonic() + harness.DEADLINE
    # Checking tools keep memory that was freed.
    bound = before.memory + MEMORY if SLOW == 1 and not harness.WRAP else float("inf")
    while True:
        now = State(server.pid)
        same = now.threads == before.threads and now.descriptors == before.descriptors and now.memory <= bound
        if same or time.monotonic() > deadline or server.status is not None:
            break
        select.select([], [], [], 0.05)
    diag("before: %r; after: %r" % (before, now))
    is_(now.threads, before.threads, name + ": as many threads as before")
    is_(now.descriptors, before.descriptors, name + ": as many descriptors")
    ok(now.memory is not None and now.memory <= bound, name + ": memory within 5 MiB")


# The witnesses.

class Witness(Peer):
    """A client who answers when it is asked whether it is there."""

    def receive_bytes(self, timeout=None):
        while True:
            payload = super().receive_bytes(timeout)
            if json.loads(payload)["type"] != "ping":
                return payload
            self.send({"type": "pong"})


class Witnesses:
    """Two clients who send each other messages in turn, each when the one before has arrived or its time has come."""

    def __init__(self, server):
        self.peers = [Witness(server, name, key="eve").handshake() for name in ("Wanda", "Walter")]
        self.latencies = []
        self.trouble = None
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._talk, daemon=True)

    def start(self):
        self._thread.start()

    def _talk(self):
        try:
            number = 0
            while not self._end.wait(INTERVAL) or number == 0:
                sender, receiver = self.peers[number % 2], self.peers[1 - number % 2]
                message = sender.com(receiver.name, number)
                began = time.monotonic()
                sender.send(message)
                got = receiver.receive()
                self.latencies.append(time.monotonic() - began)
                require(got == message, "message %d, not %r" % (number, got))
                number += 1
            for peer in self.peers:
                peer.settled()
        except Exception:
            self.trouble = traceback.format_exc()

    def stop(self):
        while self._thread.is_alive() and len(self.latencies) < 20:
            self._thread.join(INTERVAL)
        self._end.set()
        self._thread.join(harness.DEADLINE)
        require(not self._thread.is_alive(), "the witnesses end")

    def judge(self, name):
        count = len(self.latencies)
        if not ok(self.trouble is None, "%s: none of %d messages between others was lost" % (name, count)):
            diag(self.trouble)
            return
        ordered = sorted(self.latencies)
        slow = ordered[int(count * 0.99)]
        diag("of %d: median %.1f ms, p99 %.1f ms, max %.1f ms" % (
            count, 1000 * ordered[count // 2], 1000 * slow, 1000 * ordered[-1]))
        ok(slow < LATENCY, "%s: 99 of 100 took less than %.0f ms" % (name, 1000 * LATENCY))


@contextlib.contextmanager
def witnessed(server, name):
    """Tests that others notice nothing of what the body does, and that the server has got over it afterwards."""
    witnesses = Witnesses(server)
    before = steady(server)
    witnesses.start()
    try:
        yield witnesses
    finally:
        witnesses.stop()
        witnesses.judge(name)
    settle(server, before, name)
    is_(server.status, None, name + ": the server goes on")
    for peer in witnesses.peers:
        peer.bye()


# The attackers.

def launch(function, *arguments):
    """Runs the function in a process of its own. Gives its id, for join()."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            raise_descriptors()
            function(*arguments)
            status = 0
        except BaseException:
            for line in traceback.format_exc().splitlines():
                os.write(1, ("# " + line + "\n").encode())
        finally:
            os._exit(status)
    harness.forked.add(pid)
    return pid


def join(pid, end=False):
    """Waits for an attacker, or ends it."""
    if end:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    harness.forked.discard(pid)
    require(end or status == 0, "the attacker does what it should")


def attack(function, *arguments):
    join(launch(function, *arguments))


def dial(server, source, timeout=2, receive_buffer=None):
    """A connection from the address; None if the server's queue is full."""
    plug = socket.socket()
    if receive_buffer:
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    # Ends with a reset, or soon there were no port left.
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    plug.settimeout(timeout)
    try:
        plug.bind((source, 0))
        plug.connect((server.host, server.port))
    except OSError:
        plug.close()
        return None
    return plug


def until(seconds):
    """Yields numbers until the time is over."""
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end:
        yield number
        number += 1
