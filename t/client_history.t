#!/usr/bin/env python3
"""The history of a person at a terminal: kept encrypted, searched, whole after a crash, and only there."""

import os
import re
import signal

from harness import *

DAY = r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] "


def start(server, state=None, *options):
    adam = Terminal(server, "Adam", *options, state=state, identity="adam", trust="first-use")
    adam.expect(r"\[Adam-\d+\] $")
    return adam


def leave(terminal):
    terminal.type("exit\r")
    is_(terminal.wait(), 0, "the end")


def kill(terminal):
    terminal.expected_signals = {signal.SIGKILL}
    terminal.signal(signal.SIGKILL)
    terminal.wait()


def kept(server, eve):
    adam = start(server)
    adam.type("history\r")
    adam.expect(r"nothing was found")
    eve.send("Adam: a first word \x1b[2J")
    adam.expect(r"\]: a first word")
    adam.type("Eve: an answer\r")
    like(eve.out.line(), r"\]: an answer$", "a line")
    adam.type("history\r")
    adam.expect(DAY + r"\[Eve\]: a first word \\x1b\[2J\r\n" + DAY + r"to Eve: an answer\r\n")
    leave(adam)

    for name in ("history", "history.key"):
        is_(os.stat(os.path.join(adam.state, name)).st_mode & 0o777, 0o600, "%s is for nobody else" % name)
        with open(os.path.join(adam.state, name), "rb") as file:
            ok(not re.search(rb"word|answer|Eve", file.read()), "and nothing can be read in it")
    again = start(server, adam.state)
    again.type("history Eve 1\r")
    again.expect(DAY + r"to Eve: an answer\r\n")
    unlike(again.out.so_far(), "a first", "the last one alone")
    again.type("/search FIRST w\r")
    again.expect(DAY + r"\[Eve\]: a first word")
    again.type("history Bob\r")
    again.expect(r"nothing was found")
    for wrong in ("Eve 0", "Eve 1001", "1 Eve", "Eve Bob"):
        again.type("history %s\r" % wrong)
        again.expect(r"not sent: write history \[NAME\] \[N\]")
    leave(again)
    return adam.state


def killed(server, eve, state):
    """Whatever was shown is there after kill -9, at any moment."""
    for turn in range(5):
        last = r"turn %d number %d\r\n" % (turn, 7 * turn + 3)
        adam = start(server, state)
        eve.feed("".join("Adam: turn %d number %d\n" % (turn, number) for number in range(50)), close=False)
        adam.expect(last)
        kill(adam)
        shown = set(re.findall(rb"\[Eve\]: (turn \d number \d+)\r\n", adam.out.bytes()))
        adam = start(server, state)
        adam.type("history Eve 1000\r")
        adam.expect(last)
        leave(adam)
        found = set(re.findall(DAY.encode() + rb"\[Eve\]: (turn \d number \d+)\r\n", adam.out.bytes()))
        is_(sorted(shown - found), [], "what was shown is kept")
        ok(b"damaged" not in adam.out.bytes(), "and nothing is damaged")


def refused(server, eve, state):
    """Where there is none to keep, the client goes on without."""
    none = start(server, None, "--no-history")
    none.type("history\r")
    none.expect(r"not sent: no history is kept")
    leave(none)
    is_(os.path.exists(os.path.join(none.state, "history")), False, "--no-history makes no file")

    with open(os.path.join(state, "history"), "r+b") as file:
        file.seek(25)
        byte = file.read(1)
        file.seek(25)
        file.write(bytes([byte[0] ^ 1]))
    adam = start(server, state)
    adam.type("history\r")
    adam.expect(r"records of the history that are damaged: 1\r\n")
    leave(adam)
    with open(os.path.join(state, "history"), "r+b") as file:
        file.write(b"text")
    adam = start(server, state)
    like(adam.out.so_far(), r"no history is kept: \S+/history is damaged: move it away", "a file that is no history")
    adam.type("Eve: all the same\r")
    eve.out.expect(r"\]: all the same")
    leave(adam)

    pipe = Client(server, "Bob", "--receive")
    pipe.err.expect("new server")
    pipe.send("Eve: from a pipe")
    eve.out.expect(r"from a pipe")
    pipe.send("history")
    pipe.err.expect(r"no history is kept")
    is_(os.path.exists(os.path.join(pipe.state, "history")), False, "a pipe keeps none")


def main():
    server = Server()
    eve = Client(server, "Eve", "--receive")
    eve.err.expect("new server")
    state = kept(server, eve)
    killed(server, eve, state)
    refused(server, eve, state)


run(main)
