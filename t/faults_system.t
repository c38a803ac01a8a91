#!/usr/bin/env python3
"""The server when the system fails it: memory, threads, random bytes, a full disk, broken connections, signals.

t/server_faults is the server with every N-th call of a kind failing, as this script says while it runs. Clients come
and go and talk meanwhile, and may fail; two witnesses who are silent then must be able to talk afterwards, and the
server must be as it was before. CHATSECURE_FAULT_TRIES is how many N are tried of each kind, spread over the calls
that clients cause, and CHATSECURE_FAULT_ROUNDS how often SIGTERM comes under load.
"""

import mmap
import struct

from faults import *

PROGRAM = os.path.join(BUILD, "t/server_faults")
KINDS = ("malloc", "pthread_create", "random", "write", "send", "EINTR")
NUMBERS = struct.Struct("=III")

TRIES = int(os.environ.get("CHATSECURE_FAULT_TRIES", size(1000, 25)))
ROUNDS = int(os.environ.get("CHATSECURE_FAULT_ROUNDS", size(20, 3)))

# Seconds for what may never come.
PATIENCE = DEADLINE / 120

# Counts without failing.
NEVER = 1 << 31

# What is interrupted every time never comes to anything.
LEAST = {"EINTR": 2}


class Faults:
    """What is to fail in a server, and what has failed."""

    def __init__(self):
        self.path = os.path.join(folder(), "faults")
        with open(self.path, "wb") as file:
            file.write(bytes(NUMBERS.size * len(KINDS)))
        with open(self.path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)

    def set(self, kind, every):
        NUMBERS.pack_into(self._map, NUMBERS.size * KINDS.index(kind), every, 0, 0)

    def get(self, kind):
        """How many calls there were since, and how many have failed."""
        return NUMBERS.unpack_from(self._map, NUMBERS.size * KINDS.index(kind))[1:]


class Guest(Peer):
    """One who does not wait long, for what is lost does not come."""

    def line(self, timeout=None):
        return super().line(PATIENCE if timeout is None else timeout)


def come_and_go(server, number):
    """Two clients who try to do what clients do, and take what comes. False if one of them was left without an
    answer in its handshake."""
    guests, answered = [], True
    try:
        for name in ("Adam", "Mallory"):
            guests.append(Guest(server, "%s%d" % (name, number), key=name.lower()))
            answered = False
            guests[-1].handshake()
            answered = True
        for text in range(5):
            guests[0].send(guests[0].com(guests[1].name, text), {"type": "list"})
            guests[1].receive()
        guests[0].bye()
    except TimeoutError:
        return answered
    except (Closed, OSError, Failure, ValueError, KeyError):
        pass
    finally:
        for guest in guests:
            guest.close()
    return True


def sweep(server, faults, kind, witnesses):
    """Lets the first call fail, the second, and so on, each time anew with clients who come and go."""
    adam, eve = witnesses
    before = steady(server)
    faults.set(kind, NEVER)
    come_and_go(server, 0)
    calls = faults.get(kind)[0]
    failed, unanswered = 0, []
    numbers = range(LEAST.get(kind, 1), calls + 1, max(1, calls // TRIES))
    for every in numbers:
        if kind == "pthread_create":
            # No thread waits for a login any more, which would make another needless.
            steady(server)
        faults.set(kind, every)
        if not come_and_go(server, every):
            unanswered.append(every)
        failed += faults.get(kind)[1]
        if server.status is not None:
            break
    faults.set(kind, 0)
    is_(server.status, None, "%s fails: the server is there" % kind)
    diag("%d calls of %s, of which %d of %d tries have failed some, %d in all" % (calls, kind, len(numbers), calls,
                                                                                   failed))
    ok(failed > 0, "%s has failed" % kind)
    is_(unanswered, [], "nobody was left without an answer or an end")
    adam.send(adam.com("Eve", KINDS.index(kind)))
    is_(eve.receive("client-com")["id"], "m%d" % KINDS.index(kind), "two who were there before can talk")
    peer = Peer(server, "Paul").handshake()
    peer.settled().bye()
    settle(server, before, kind + " fails")


def start():
    """A server that can be made to fail, and the faults."""
    faults = Faults()
    env = environment(CHATSECURE_FAULTS=faults.path)
    return Server(*LIFTED, "--ping-after=3600", env=env), faults


def failing_calls():
    server, faults = start()
    witnesses = [Peer(server, name).handshake().settled() for name in ("Adam", "Eve")]
    for kind in KINDS:
        sweep(server, faults, kind, witnesses)
    for peer in witnesses:
        peer.bye()
    is_(server.stop(), 0, "the server ends as it should")


def failing_start():
    """Each of the first calls of a kind fails at the start: it comes up all the same, or says what is wrong."""
    for kind in KINDS:
        for every in (1, 2, 5, 17):
            if every < LEAST.get(kind, 1):
                continue
            faults = Faults()
            faults.set(kind, every)
            server = Server(*LIFTED, ready=False, env=environment(CHATSECURE_FAULTS=faults.path))
            with contextlib.suppress(Failure):
                server.out.line()
            faults.set(kind, 0)
            status = server.stop()
            ok(status in (0, 2), "%s fails every %d calls from the start: exit status %d" % (kind, every, status))
            if status != 0:
                like(server.err.bytes(), rb"\w", "and it says why")


def flood(server, name, to, stop):
    with contextlib.suppress(Closed, OSError, Failure, ValueError):
        peer = Peer(server, name, key="adam").handshake()
        number = 0
        while not stop.is_set():
            peer.send(*[peer.com(to, number + i) for i in range(20)])
            number += 20
            while not peer.is_quiet():
                peer.receive()
    stop.set()


def terminated_under_load():
    for _ in range(ROUNDS):
        server = Server(*LIFTED)
        stop = threading.Event()
        names = ("Ann", "Ben", "Cid", "Dan")
        threads = [threading.Thread(target=flood, args=(server, name, names[i ^ 1], stop), daemon=True)
                   for i, name in enumerate(names)]
        for thread in threads:
            thread.start()
        # One who comes amid all of it sees that they are at it.
        Peer(server, "Eve").handshake().settled()
        begin = time.monotonic()
        is_(server.stop(), 0, "SIGTERM under load: it ends as it should")
        ok(time.monotonic() - begin < DEADLINE / 6, "in time")
        for thread in threads:
            thread.join(DEADLINE)


def main():
    require_cryptography()
    if not os.path.exists(PROGRAM) or not os.path.isdir("/proc/self/task"):
        skip_all("the linker cannot put functions in the place of others, or there is no /proc")
    real, harness.SERVER = harness.SERVER, PROGRAM
    failing_calls()
    failing_start()
    harness.SERVER = real
    terminated_under_load()


run(main)
