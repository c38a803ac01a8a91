#!/usr/bin/env python3
"""chatsecure --spool when everything is killed: a log is followed, and the client, its peer and the relay are each
killed with SIGKILL at random moments and started again. Every line comes out once, and in order.

CHATSECURE_SPOOL_KILLS is how often each is killed, CHATSECURE_SPOOL_SEED makes the same choices once more."""

import os
import random
import threading
import time

from harness import *

KILLS = int(os.environ.get("CHATSECURE_SPOOL_KILLS", "5" if SLOW > 1 else "50"))
SEED = int(os.environ.get("CHATSECURE_SPOOL_SEED", "0")) or random.randrange(1, 1 << 31)

# How long one that was started is let alone, seconds. It connects in a twentieth of one.
LIFE = 0.4 * SLOW


class Victim:
    """A program that is killed KILLS times, and started again whenever it has ended."""

    def __init__(self, name, start, seed):
        self.name, self.start, self.random = name, start, random.Random(seed)
        self.kills, self.ends, self.trouble = 0, [], None
        self.running = start(None)
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        try:
            while self.kills < KILLS:
                self.live(time.monotonic() + self.random.uniform(0, LIFE))
            self.done.set()
            while not self.over.is_set():
                self.live(time.monotonic() + 1, spare=True)
        except Exception as trouble:
            self.trouble = trouble
            self.done.set()

    def live(self, until, spare=False):
        while self.running.status is None and time.monotonic() < until and not self.over.is_set():
            self.over.wait(min(0.02, max(0, until - time.monotonic())))
        if self.running.status is not None and not self.over.is_set():
            self.ends.append((self.running.status, self.running.err.so_far()[-300:]))
            self.over.wait(0.05)
        elif spare or self.over.is_set():
            return
        else:
            self.running.kill()
            self.kills += 1
        if not self.over.is_set():
            self.running = self.start(self.running)


class Feeder:
    """Writes numbered lines, one by one and many at once, as long as it is wanted."""

    def __init__(self, fd, seed):
        self.fd, self.random, self.count = fd, random.Random(seed), 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.over.wait(self.random.uniform(0, 0.02)):
            for _ in range(self.random.choice((1, 1, 1, 1, 30))):
                width = self.random.choice((0, 0, 0, 100, 5000))
                data = b"%d %s\n" % (self.count, b"x" * width)
                while data:
                    data = data[os.write(self.fd, data):]
                self.count += 1


def follow(out, numbers):
    """Adds to NUMBERS those of the lines that come from the descriptor."""
    rest = b""
    while True:
        data = os.read(out, 65536)
        rest += data
        lines = rest.split(b"\n")
        rest = lines.pop()
        numbers += [line.split(b"]: ")[-1].split(b" ")[0] for line in lines]
        if b"end" in numbers[-1:]:
            return


def first_difference(numbers, want):
    for place, (got, expected) in enumerate(zip(numbers, want)):
        if got != expected:
            return "at %d: %r in place of %r, around %r" % (place, got, expected, numbers[max(0, place - 3):place + 4])
    return "%d in place of %d" % (len(numbers), len(want))


def everything_is_killed(seed, kind):
    choose = random.Random(seed)
    over = Victim.over = threading.Event()
    numbers = []
    ends = os.pipe()
    spool, out = folder("spool-" + kind), os.path.join(folder(), "out-" + kind)
    states = [folder("state-%s-%s" % (kind, name)) for name in ("adam", "eve")]
    if kind == "pipe":
        os.mkfifo(out)
        reader = os.open(out, os.O_RDWR)
        threading.Thread(target=follow, args=(reader, numbers), daemon=True).start()
    else:
        write_file("out-" + kind, "")

    def start_server(old):
        options = ("--rate=0", "--message-rate=0") + LIFTED
        return Server(*options, listen=(old.address,), state=old.state) if old else Server(*options)

    relay = Victim("the relay", start_server, choose.random())
    address = relay.running.address
    adam = Victim("the client", lambda old: Client(address, "Adam", "--spool", spool, "--to", "Eve",
                                                   "-W", str(scaled(10)), state=states[0], stdin=ends[0],
                                                   reconnect=True), choose.random())
    eve = Victim("its peer", lambda old: Client(address, "Eve", "--receive", "--retry", "-W", str(scaled(10)),
                                                state=states[1], redirect=("> " if kind == "pipe" else ">> ") + out,
                                                reconnect=True),
                 choose.random())
    feeder = Feeder(ends[1], choose.random())
    for victim in (relay, adam, eve):
        victim.thread.start()
    for victim in (relay, adam, eve):
        victim.done.wait()
    feeder.over.set()
    feeder.thread.join()

    os.write(ends[1], b"end\n")
    want = [b"%d" % number for number in range(feeder.count)] + [b"end"]

    def read_file():
        with open(out, "rb") as file:
            return [line.split(b"]: ")[-1].split(b" ")[0] for line in file.read().splitlines()]

    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline and b"end" not in (numbers if kind == "pipe" else read_file())[-1:]:
        over.wait(0.05)
    got = numbers if kind == "pipe" else read_file()
    if not ok(got == want, "%s: all of %d lines came out once, and in order" % (kind, len(want))):
        diag(first_difference(got, want))
    os.close(ends[1])
    is_(adam.running.wait(), 0, "%s: at the end of its input the client is content" % kind)
    over.set()
    for victim in (relay, adam, eve):
        victim.thread.join(DEADLINE)
        ok(victim.kills >= KILLS and victim.trouble is None, "%s: %s was killed %d times" %
           (kind, victim.name, victim.kills))
        if victim.trouble:
            diag(victim.trouble)
        for status, text in victim.ends[:5]:
            diag("%s ended by itself: %d %s" % (victim.name, status, text.decode("utf-8", "replace")))
        if victim.running.status is None:
            victim.running.kill()
    os.close(ends[0])


def main():
    diag("CHATSECURE_SPOOL_SEED=%d" % SEED)
    for kind in ("file", "pipe"):
        everything_is_killed(SEED, kind)


run(main)
