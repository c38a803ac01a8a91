#!/usr/bin/env python3
"""chatsecure --or-else: what was not delivered is not lost.

Each function is a recipe."""

import json
import os
import signal

from harness import *
from fake_server import FakeServer


def rest(name):
    """Where the lines go that were not delivered, and the command that puts them there."""
    path = os.path.join(folder(), name)
    return path, "cat > %s; echo $CHATSECURE_STATUS >> %s" % (path, path)


def content(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def some_lines(server, eve):
    path, command = rest("some")
    adam = Client(server, "Adam", "--or-else", command)
    adam.finish("Eve: one\nNobody: two\nEve,Nobody: three\nno message\nEve: four\nlist\n")
    is_(adam.wait(), 6, "the status stays")
    is_(sorted(content(path).splitlines()), sorted(["Nobody: two", "Eve,Nobody: three", "no message", "6"]),
        "each line that was not delivered is there, as it was")
    path, command = rest("quorum")
    adam = Client(server, "Adam", "--need", "1", "--to", "Eve,Nobody", "--or-else", command)
    adam.finish("five\n")
    is_(adam.wait(), 0, "one that has its quorum")
    ok(not os.path.exists(path), "is no reason to run anything")
    eve.out.wait_lines(4)


def no_server():
    """A cron job, and a relay that is down."""
    path, command = rest("down")
    adam = Client("127.0.0.1:1", "Adam", "--to", "ops", "--or-else", command)
    adam.finish("disk full\nand more\nno end")
    is_(adam.wait(), 3, "a relay that is down")
    is_(content(path), "disk full\nand more\nno end3\n", "all of the input is there")
    path, command = rest("message")
    adam = Client("127.0.0.1:1", "Adam", "--to", "ops", "-m", "disk full", "--or-else", command)
    is_(adam.wait(), 3, "a message as an argument")
    is_(content(path), "disk full\n3\n", "is there too")
    path, command = rest("nothing")
    adam = Client("127.0.0.1:1", "Adam", "--to", "ops", "--or-else", command, redirect="< /dev/null")
    is_(adam.wait(), 3, "without a line")
    ok(not os.path.exists(path), "nothing is run")
    path, command = rest("open")
    adam = Client("127.0.0.1:1", "Adam", "--to", "ops", "-W", str(scaled(1)), "--or-else", command)
    adam.send("one")
    is_(adam.wait(), 3, "an input that has no end is not waited for longer than --timeout")
    is_(content(path), "one\n3\n", "and what it had is there")


def lost_on_the_way():
    path, command = rest("lost")
    fake = FakeServer()
    adam = Client(fake, "Adam", "--to", "Eve", "--or-else", command)
    adam.send("first")
    session = fake.accept().handshake()
    session.receive("client-connect")
    adam.finish("second\nlast\n")
    session.close()
    is_(adam.wait(), 3, "a relay that dies")
    is_(content(path), "first\nsecond\nlast\n3\n", "what was on its way and what was not read are there")


def a_big_rest(server):
    """More than a pipe holds, to a program that is slow to read."""
    path = os.path.join(folder(), "big")
    adam = Client(server, "Adam", "--or-else", "sleep 0.2; wc -l > " + path)
    adam.finish("".join("Nobody: %d %s\n" % (number, "x" * 1000) for number in range(500)))
    is_(adam.wait(), 12, "five hundred lines to nobody")
    is_(content(path).strip(), "500", "all reach the program")


def with_json(server):
    adam = Client(server, "Adam", "-o", "json", "--to", "Nobody", "-m", "x", "--or-else", "echo noise; exit 3")
    is_(adam.wait(), 12, "with -o json")
    ok(all(json.loads(line)["type"] for line in adam.out.lines()), "standard output has events only")
    like(adam.err.text(), r"(?s)^noise$.*--or-else ended with status 3", "what the program says is on stderr")
    adam = Client(server, "Adam", "--to", "Nobody", "-m", "x", "--or-else", "exec sleep 5")
    adam.err.expect(r"no such user")
    adam.signal(signal.SIGTERM)
    adam.signal(signal.SIGTERM)
    ok(adam.wait() in (11, 12), "a program that does not end is not waited for after a signal")


def main():
    require_cryptography()
    server = Server()
    eve = Client(server, "Eve", "--receive")
    eve.err.expect(r"new server")
    some_lines(server, eve)
    no_server()
    lost_on_the_way()
    a_big_rest(server)
    with_json(server)


run(main)
