#!/usr/bin/env python3
"""chatsecure as a receiver, and the receipts: what was handed on is written, and what was not has no receipt."""

import fcntl
import os
import re
import select
import signal
import struct
import termios
import time
import zlib

from harness import *
from fake_server import FakeServer

# Checking tools are slow: with one, or with a longer deadline, fewer lines do.
MANY = int(os.environ.get("CHATSECURE_TEST_LINES", "5000" if SLOW > 1 else "100000"))
WINDOW = 256


def receiver(server, name, *options, **keywords):
    client = Client(server, name, *options, **keywords)
    client.err.expect(r"new server")
    return client


def count(server):
    eve = receiver(server, "Eve", "--count", "2")
    adam = Client(server, "Adam")
    adam.finish("Eve: one\nEve: two\nEve: three\n")
    is_(eve.wait(), 0, "a receiver ends after its count, with its input still open")
    is_(len(eve.out.lines()), 2, "having handed on just as many")
    ok(adam.wait() in (11, 12), "the message behind them was not delivered")
    like(adam.err.text(), r"^chatsecure: line 3 to Eve: ", "and its sender knows")
    unlike(adam.err.text(), r"line [12] to", "as he knows that the others were")

    eve = receiver(server, "Eve", "-c", "1")
    bob = receiver(server, "Bob", "-c1")
    eve.send("Bob: mine")
    adam = Client(server, "Adam")
    adam.finish("Eve: yours\n")
    is_(eve.wait(), 0, "own lines that are there are sent before the end")
    is_(bob.wait(), 0, "and arrive")
    like(bob.out.text(), r"\[Eve\]: mine\n", "whole")
    is_(adam.wait(), 0, "while the receipts go out")


def receive(server):
    eve = receiver(server, "Eve", "--receive")
    eve.finish("")
    for body in ("one", "two"):
        adam = Client(server, "Adam")
        adam.finish("Eve: %s\n" % body)
        is_(adam.wait(), 0, "a receiver goes on after the end of its input")
    eve.out.wait_lines(2)
    eve.signal(signal.SIGINT)
    is_(eve.wait(), 0, "SIGINT ends it")
    like(server.err.expect(r"Eve is gone: .*").group(), rb"left$", "with a goodbye")

    eve = receiver(server, "Eve", "--receive")
    eve.finish("exit\n")
    is_(eve.wait(), 0, "the command exit ends a receiver too")


def broken_reader(server):
    """The reader of standard output goes away."""
    path = os.path.join(folder(), "broken")
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    eve = receiver(server, "Eve", "--receive", redirect="> " + path)
    adam = Client(server, "Adam", "--debug")
    adam.send("Eve: one")
    adam.err.expect(r"line 1 to Eve: delivered")
    os.close(reader)
    adam.finish("Eve: two\nEve: three\n")
    is_(adam.wait(), 11, "what was written to nobody has no receipt")
    like(adam.err.text(), r"^chatsecure: line 2 to Eve: ", "the first that was not handed on is named")
    is_(eve.wait(), 2, "and the receiver ends")
    like(eve.err.text(), r"standard output", "the receiver says why")

    closed = receiver(server, "Bob", "--receive", redirect=">&-")
    adam = Client(server, "Adam")
    adam.finish("Bob: one\n")
    is_(closed.wait(), 2, "a closed standard output is an error at the first message")
    is_(adam.wait(), 11, "and makes no receipt")


def unread(fd):
    """Bytes that wait in a pipe."""
    return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"\0" * 4))[0]


def until(condition, what):
    deadline = time.monotonic() + DEADLINE
    while not condition():
        require(time.monotonic() < deadline, "%s in time" % what)
        select.select([], [], [], 0.01)


def slow_reader(server):
    """The reader of the receiver's standard output stops: so do the receipts, and then the sender's input."""
    path = os.path.join(folder(), "fifo")
    os.mkfifo(path)
    reader = os.open(path, os.O_RDWR)
    eve = receiver(server, "Eve", "--receive", redirect="> " + path)
    adam = Client(server, "Adam", "--debug")
    width, total = 100, 2 * WINDOW + 60000 // 100
    adam.finish("".join("Eve: %s\n" % str(number).rjust(width, "x") for number in range(total)))
    until(lambda: not select.select([], [reader], [], 0)[1], "the pipe is full")
    adam.err.expect(r"line %d is for Eve" % (WINDOW + 1))
    written = unread(reader) // len("[00:00:00] [Adam]: \n" + "x" * width)
    ok(adam.err.so_far().count(b": delivered") <= written, "there is no receipt for what is not written")
    text = b""
    while text.count(b"\n") < total:
        text += os.read(reader, 65536)
    is_(adam.wait(), 0, "all of it is delivered when the reader goes on")
    is_([int(re.search(rb"(\d+)$", line).group(1)) for line in text.splitlines()], list(range(total)), "in order")
    os.close(reader)
    eve.signal(signal.SIGTERM)
    is_(eve.wait(), 0, "the receiver is told to end")


def flow_control():
    """A peer who never answers, and a sender who has more lines than there may be without a receipt."""
    fake = FakeServer()
    adam = Client(fake, "Adam", "--debug")
    fed = adam.feed("".join("Eve: %d %s\n" % (number, "x" * 900) for number in range(1, 4 * WINDOW)))
    session = fake.accept().handshake()
    session.receive("client-connect")
    adam.err.expect(r"line %d is for Eve" % WINDOW)
    for _ in range(3):
        session.settled()
    unlike(adam.err.so_far(), r"line %d is for Eve" % (WINDOW + 1), "no more than %d lines wait" % WINDOW)
    ok(fed.is_alive(), "standard input is not read any more")
    ok(unread(adam.stdin.fileno()) > 60000, "what is left waits in the pipe")
    adam.signal(signal.SIGTERM)
    is_(adam.wait(), 11, "a signal ends it")
    like(adam.err.text(), r"^chatsecure: line %d to Eve: interrupted" % WINDOW, "every line that waited is named")
    like(adam.err.text(), r"^chatsecure: line %d and what follows it: not sent$" % (WINDOW + 1),
         "and the rest as a whole")


def many(server):
    eve = receiver(server, "Eve", "--count", str(MANY))
    adam = Client(server, "Adam")
    adam.finish("".join("Eve: line %d\n" % number for number in range(MANY)))
    is_(adam.wait(), 0, "%d lines are delivered" % MANY)
    is_(eve.wait(), 0, "to a receiver who waited for as many")
    got = eve.out.text()
    is_(zlib.crc32(re.sub(r"^\[\S+\] ", "", got, flags=re.MULTILINE).encode()),
        zlib.crc32("".join("[Adam]: line %d\n" % number for number in range(MANY)).encode()), "complete and in order")


def both_ways(server):
    """Two with lines for each other at once: they begin with a handshake from either side."""
    adam, eve = (receiver(server, name, "--count", "200") for name in ("Adam", "Eve"))
    adam.feed("".join("Eve: a%d\n" % number for number in range(200)), close=False)
    eve.feed("".join("Adam: e%d\n" % number for number in range(200)), close=False)
    is_((adam.wait(), eve.wait()), (0, 0), "lines go both ways at once")
    is_([line.split(": ")[1] for line in adam.out.lines()], ["e%d" % number for number in range(200)], "complete")
    is_([line.split(": ")[1] for line in eve.out.lines()], ["a%d" % number for number in range(200)], "both")


def main():
    require_cryptography()
    server = Server("--rate=0", "--message-rate=0")
    count(server)
    receive(server)
    broken_reader(server)
    slow_reader(server)
    flow_control()
    both_ways(server)
    many(server)


run(main)
