#!/usr/bin/env python3
"""The history of a person at a terminal: kept encrypted, searched, whole after a crash, and only there."""

import json
import os
import re
import signal
import subprocess

from harness import *
from harness import CLIENT, DEADLINE

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
    os.remove(os.path.join(adam.state, "known_peers"))
    again.type("Ev\t")
    again.expect_row(r"\] Eve:$")
    again.type("\x15")
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


def history(state, *arguments, status=0):
    """chatsecure history: the lines, and stderr."""
    done = subprocess.run([CLIENT, "--state-dir", state, "--identity", key("adam"), "history"] + list(arguments),
                          capture_output=True, text=True, env=environment(), timeout=DEADLINE, check=False)
    is_(done.returncode, status, "chatsecure history %s" % " ".join(arguments))
    return done.stdout.splitlines(), done.stderr


def in_the_shell(server, eve):
    """Scripts read it, also while a client writes it; what was signed can still be proved."""
    adam = start(server)
    said = history(adam.state)[1]
    like(said, r"no history is kept here", "there is none before the first message")
    eve.send("Adam: first \u202e word")
    eve.send("sign on")
    eve.send("Adam: signed word")
    eve.send("sign off")
    adam.expect(r"\[Eve, signed\]: signed word\r\n")
    adam.type("Eve: an answer\r")
    adam.expect_screen(r"\] Eve: an answer ✓$")
    lines, said = history(adam.state)
    is_([re.sub("^" + DAY, "", line) for line in lines],
        [r"[Eve]: first \u{202e} word", "[Eve]: signed word", "to Eve: an answer"], "all of it, while a client runs")
    is_(said, "", "and nothing besides")
    is_(history(adam.state, "Eve", "1")[0], lines[-1:], "the last of one")
    is_(history(adam.state, "--search", "WORD", "eve")[0], lines[:2], "what has a text in it")
    is_(history(adam.state, "Bob"), ([], ""), "nothing of who has not written")
    for wrong in (["0"], ["Eve", "1001"], ["1", "Eve"], ["not a name"]):
        like(history(adam.state, *wrong, status=1)[1], r"history takes \[NAME\] \[N\]", "is usage")

    lines = history(adam.state, "-o", "json")[0]
    events = [json.loads(line) for line in lines]
    is_([(event["type"], event["from"], event["to"], event["text"], event["signed"]) for event in events],
        [("message", "Eve", "Adam", "first \u202e word", False), ("message", "Eve", "Adam", "signed word", True),
         ("message", "Adam", "Eve", "an answer", False)], "the same as events")
    ok(all(event["id"] and re.match(r"SHA256:\S{43}$", event["fingerprint"]) for event in events), "with ids and keys")
    is_(events[0]["verified"], False, "nobody has compared the key")
    proof = write_file("proof", lines[1] + "\n")
    done = subprocess.run([CLIENT, "--state-dir", adam.state, "verify-message", proof], capture_output=True, text=True,
                          env=environment(), timeout=DEADLINE, check=False)
    is_(done.returncode, 0, "verify-message holds for what was signed")
    like(done.stdout, r"^1 good \S+ Eve SHA256:\S+ Eve$", "and says by whom")
    adam.type("verify Eve yes\r")
    adam.expect(r"is verified\r\n")
    is_(json.loads(history(adam.state, "1", "-o", "json", "--search", "first")[0][0])["verified"], True,
        "what is known of a key is what is known now")

    eve.feed("".join("Adam: flood %d\n" % number for number in range(300)), close=False)
    adam.expect(r"\]: flood 10\r\n")
    for _ in range(5):
        lines, said = history(adam.state, "1000", "--search", "flood")
        is_([line.split()[-1] for line in lines], [str(number) for number in range(len(lines))], "whole at any moment")
        is_(said, "", "and nothing is damaged")
    adam.expect(r"\]: flood 299\r\n")
    leave(adam)
    with open(os.path.join(adam.state, "history"), "r+b") as file:
        file.seek(25)
        file.write(b"x")
    lines, said = history(adam.state, status=13)
    is_(len(lines), 20, "what is whole is printed")
    like(said, r"records of the history that are damaged: 1$", "what is damaged is told, and is status 13")
    with open(os.path.join(adam.state, "history"), "r+b") as file:
        file.write(b"text")
    like(history(adam.state, status=13)[1], r"is damaged: move it away", "as is a file that is no history")
    os.rename(os.path.join(adam.state, "history.key"), os.path.join(adam.state, "kept.key"))
    is_(history(adam.state, status=2)[0], [], "without its key nothing can be read")
    os.rename(os.path.join(adam.state, "kept.key"), os.path.join(adam.state, "history.key"))
    done = subprocess.run([CLIENT, "--state-dir", adam.state, "--identity", key("mallory"), "history"],
                          capture_output=True, text=True, env=environment(), timeout=DEADLINE, check=False)
    is_((done.returncode, done.stdout), (1, ""), "nor by another identity")


def main():
    server = Server()
    eve = Client(server, "Eve", "--receive")
    eve.err.expect("new server")
    state = kept(server, eve)
    killed(server, eve, state)
    refused(server, eve, state)
    in_the_shell(server, eve)


run(main)
