#!/usr/bin/env python3
"""Two clients that talk all the time while the relay is upgraded five times: nothing is lost, doubled or out of order,
and nobody is refused who connects meanwhile."""

import os
import socket
import subprocess
import threading

from harness import *
from succession import Succession
from wire import Peer

UPGRADES = 5

# Lines at once, and how many a sender may be ahead of what has arrived.
BATCH, AHEAD = 20, 100


class Witness:
    """A client that sends numbered lines to another, and prints those of the other."""

    def __init__(self, relay, name, peer):
        self.client = Client(relay, name, "--to", peer, "--receive", reconnect=True)
        self.name = name
        self.sent = 0

    def talk(self, other, enough):
        """Sends to the other as fast as it receives, until it is enough."""
        while not enough.is_set():
            self.client.send("".join("%d\n" % (self.sent + number) for number in range(BATCH)))
            self.sent += BATCH
            if self.sent > AHEAD:
                other.client.out.wait_lines(self.sent - AHEAD)

    def check(self, other):
        """All that the other has sent is here, once and in order."""
        self.client.out.wait_lines(other.sent)
        got = [int(line.split(": ")[1]) for line in self.client.out.so_far().decode().splitlines()]
        diag("%d lines of %s" % (len(got), other.name))
        is_(got, list(range(other.sent)), "%s has all of %s, once and in order" % (self.name, other.name))
        # Perhaps once more: who comes back while the old server ends is told so again.
        ok(self.client.err.so_far().count(b"session: restart; connecting again") >= UPGRADES,
           "%s has come back each time" % self.name)


class Stranger:
    """Somebody who connects all the time."""

    def __init__(self, relay):
        self.relay = relay
        self.count = 0
        self.trouble = []

    def connect(self, enough):
        while not enough.is_set():
            try:
                socket.create_connection((self.relay.host, self.relay.port), DEADLINE).close()
                self.count += 1
            except OSError as error:
                self.trouble.append(repr(error))
                return


class Jobs:
    """One job after the other that sends a line and ends."""

    def __init__(self, relay):
        self.relay = relay
        self.statuses = []

    def run(self, enough):
        while not enough.is_set():
            job = Client(self.relay, "Mallory", "--to", "Oncall", "-m", "job %d" % len(self.statuses), reconnect=True)
            self.statuses.append(job.wait())
            if self.statuses[-1] != 0:
                diag(job.err.text())


def ask(relay, command):
    process = Process([relay.program, "--config", "/dev/null", "--state-dir", relay.state, command], label=command,
                      stdin=subprocess.DEVNULL)
    require(process.wait() == 0, "%s: %s" % (command, process.err.text()))
    return process.out.text()


def main():
    require_cryptography()
    # Not through a pipe, of which a crowd fills more than a script can read.
    relay = Succession("--log-file", os.path.join(folder(), "log"), *LIFTED)
    oncall = Client(relay, "Oncall", "--receive", reconnect=True)
    adam, eve = Witness(relay, "Adam", "Eve"), Witness(relay, "Eve", "Adam")
    for client in (oncall, adam.client, eve.client):
        client.err.expect(r"new server")
    stranger, jobs, enough = Stranger(relay), Jobs(relay), threading.Event()
    threads = [threading.Thread(target=function, args=arguments, daemon=True)
               for function, arguments in ((adam.talk, (eve, enough)), (eve.talk, (adam, enough)),
                                           (stranger.connect, (enough,)), (jobs.run, (enough,)))]
    for thread in threads:
        thread.start()
    pids, statuses = [relay.now], []
    for _ in range(UPGRADES):
        adam.client.out.wait_lines(eve.sent + BATCH)
        jobs_before = len(jobs.statuses)
        statuses.append(relay.take_over(int(ask(relay, "upgrade"))))
        pids.append(relay.now)
        eve.client.out.wait_lines(adam.sent + BATCH)
        oncall.out.wait_lines(jobs_before + 1)
    enough.set()
    for thread in threads:
        thread.join(DEADLINE)
    is_(statuses, [0] * UPGRADES, "each server ends with 0")
    is_(len(set(pids)), UPGRADES + 1, "each is another process")
    adam.check(eve)
    eve.check(adam)
    is_(stranger.trouble, [], "a stranger can always connect")
    diag("%d connections, %d jobs" % (stranger.count, len(jobs.statuses)))
    is_(set(jobs.statuses), {0}, "every job that sends one line delivers it")
    oncall.out.wait_lines(len(jobs.statuses))
    is_([line.split(": ")[1] for line in oncall.out.so_far().decode().splitlines()],
        ["job %d" % number for number in range(len(jobs.statuses))], "once")
    is_(Peer(relay, "Mallory", key="relay").refused(), "name-taken", "a name still belongs to its key")
    is_(relay.stop(), 0, "the last server ends as it should")


run(main)
