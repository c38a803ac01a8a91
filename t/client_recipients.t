#!/usr/bin/env python3
"""chatsecure to several: who a message is for, one message from an argument, a file or all of stdin, and quorums.

Each function is a recipe."""

import os
import re

from harness import *

STAMP = re.compile(r"^\[\d\d:\d\d:\d\d\] ")
BODY_MAX = 32768


def receiver(server, name, *options):
    client = Client(server, name, "--receive", *options)
    client.err.expect(r"new server")
    return client


def complaints(client):
    """The lines on stderr but for the first words about keys."""
    return [line for line in client.err.lines() if not re.search(r": new (server|peer) ", line)]


class Cast:
    def __init__(self):
        self.server = Server()
        self.eve = receiver(self.server, "Eve")
        self.bob = receiver(self.server, "Bob")

    def send(self, name, *options, data=None, status=0, errors=(), state=None, redirect=None):
        """Runs Adam to his end; ERRORS are the lines that stderr has."""
        adam = Client(self.server, "Adam", *options, state=state, redirect=redirect)
        if data is not None:
            adam.finish(data)
        is_(adam.wait(), status, name)
        got = complaints(adam)
        if not ok(len(got) == len(errors) and all(re.search(want, line) for want, line in zip(errors, got)),
                  "each that failed is named: %d" % len(errors)):
            diag("\n".join(got))
        return adam

    def got(self, receiver, *bodies):
        is_([STAMP.sub("", receiver.out.line()) for _ in bodies], ["[Adam]: " + body for body in bodies],
            "%s has it" % receiver.label)


def a_line_to_several(cast):
    cast.send("Eve,Bob: text reaches both", data="Eve,Bob: hello both\n")
    cast.got(cast.eve, "hello both")
    cast.got(cast.bob, "hello both")
    cast.send("nobody gets it twice", data="Eve,eve,EVE: once\nEve: after\n")
    cast.got(cast.eve, "once", "after")


def one_bad_recipient_hides_no_other(cast):
    cast.send("one who is not there fails alone", data="Nobody,Eve,Bob: still\n", status=12,
              errors=[r"^chatsecure: line 1 to Nobody: no such user$"])
    cast.got(cast.eve, "still")
    cast.got(cast.bob, "still")
    cast.send("so do a name that is none, and oneself", data="Eve,9lives,Adam,Bob: go on\n", status=6,
              errors=[r"line 1 to 9lives: neither a name", r"line 1 to Adam: .*oneself"])
    cast.got(cast.eve, "go on")
    cast.got(cast.bob, "go on")
    cast.send("and a group that is not there", data="@none,Eve: and on\n", status=6,
              errors=[r"line 1 to @none: cannot read the group .*/groups/none: No such file"])
    cast.got(cast.eve, "and on")
    cast.send("a text in front of a colon is no list", data="well, so: x\nEve,,Bob: x\n,: x\n", status=6,
              errors=[r"line 1: neither", r"line 2: neither", r"line 3: neither"])


def quorums(cast):
    lines = "Nobody,Eve,Bob: %s\n"
    missing = r"line 1 to Nobody: no such user"
    cast.send("two of three are enough with --need 2", "--need", "2", data=lines % "two", errors=[missing])
    cast.send("and not with --need 3", "--need", "3", data=lines % "three", status=12, errors=[missing])
    cast.send("of fewer than N recipients all are needed", "--need", "3", data="Eve,Bob: four\n")
    cast.send("and one who is not there is missed", "--need", "3", data="Nobody: five\n", status=12, errors=[missing])
    cast.got(cast.eve, "two", "three", "four")
    cast.got(cast.bob, "two", "three", "four")


def each_line_is_a_body(cast):
    cast.send("with --to each line is a body", "--to", "Eve", data="Bob: for Eve\nexit\n\nlist\nlast")
    cast.got(cast.eve, "Bob: for Eve", "exit", "", "list", "last")
    cast.send("for each in the list", "--to", "Eve,Bob", data="to both\n")
    cast.got(cast.eve, "to both")
    cast.got(cast.bob, "to both")
    cast.send("a longest body", "--to", "Eve", data="x" * BODY_MAX + "\nafter\n")
    cast.got(cast.eve, "x" * BODY_MAX, "after")
    cast.send("and a byte more", "--to", "Eve", data="x" * (BODY_MAX + 1) + "\n", status=6,
              errors=[r"line 1 to Eve: .*too long"])


def one_message(cast):
    cast.send("-m TEXT is a message", "--to", "Eve", "-m", "disk full")
    cast.got(cast.eve, "disk full")
    cast.send("standard input is not read then", "--to", "Eve,Bob", "-m", "both", redirect="<&-")
    cast.got(cast.eve, "both")
    cast.got(cast.bob, "both")
    cast.send("-f FILE is one, with its lines", "--to", "Eve", "-f", write_file("report", "one\ntwo\n"))
    cast.got(cast.eve, r"one\x0atwo")
    for options in (["-s"], ["-f", "-"]):
        cast.send("%s: all of stdin is one" % options[0], "--to", "Eve", *options, data="a\r\n\nb: c\r\n")
        cast.got(cast.eve, r"a\x0d\x0a\x0ab: c")
    cast.send("a last line break is all that is dropped", "--to", "Eve", "-s", data="x\n\n")
    cast.got(cast.eve, r"x\x0a")
    cast.send("no text is an empty message", "--to", "Eve", "-s", data="")
    cast.send("an empty argument too", "--to", "Eve", "-m", "")
    cast.got(cast.eve, "", "")
    cast.send("a longest one", "--to", "Eve", "-s", data="y" * BODY_MAX + "\n")
    cast.got(cast.eve, "y" * BODY_MAX)
    for size in (BODY_MAX + 1, 10 * BODY_MAX):
        cast.send("%d bytes are too many" % size, "--to", "Eve", "-s", data="y" * size, status=6,
                  errors=[r"line 1.*: .*too long"])
    cast.send("a message that is no text", "--to", "Eve", "-f", write_file("binary", b"a\xff"), status=6,
              errors=[r"line 1: .*UTF-8"])
    cast.send("a message without a server is named", "--to", "Eve", "-m", "x", "--fingerprint", "SHA256:" + "A" * 43,
              status=4, errors=[r"fingerprint"])


def groups(cast):
    state = folder("adam")
    os.makedirs(os.path.join(state, "groups"), mode=0o700)
    write = lambda name, text: write_file(os.path.join(state, "groups", name), text)
    write("ops", "# who is on call\n  Eve  \r\n\nbob\nADAM\neve\n")
    cast.send("@ops is each name in the file ops, oneself left out", data="@ops: alarm\n", state=state)
    cast.got(cast.eve, "alarm")
    cast.got(cast.bob, "alarm")
    cast.send("with --to as well", "--to", "@ops", "-m", "again", state=state)
    cast.got(cast.eve, "again")
    cast.got(cast.bob, "again")
    cast.send("a group and a name, each once", data="Eve,@ops: mixed\n", state=state)
    cast.got(cast.eve, "mixed")
    cast.got(cast.bob, "mixed")
    path = write_file("people", "Bob\n")
    cast.send("--to @PATH is a file anywhere", "--to", "@" + path, "-m", "path", state=state)
    cast.got(cast.bob, "path")
    cast.send("a path in a line is nobody's", data="@%s: x\nEve,@%s: y\n" % (path, path), state=state, status=6,
              errors=[r"line 1: neither", r"line 2 to @/.*: neither a name"])
    cast.got(cast.eve, "y")
    write("alone", "Adam\n")
    cast.send("a group of oneself is nobody", data="@alone: x\n", state=state, status=6, errors=[r"line 1: .*nobody"])
    write("broken", "Eve\nnot a name\nBob\n")
    cast.send("a bad line of a group hides no other", data="@broken: z\n", state=state, status=6,
              errors=[r"line 1 to @broken: .*/groups/broken:2: it is no name"])
    cast.got(cast.eve, "z")
    cast.got(cast.bob, "z")
    write("many", "".join("n%d\n" % number for number in range(300)))
    cast.send("a group is bounded", "--to", "@many", "-m", "x", state=state, status=1,
              errors=[r"@many\": .*:257: more than 256 recipients"])
    write("big", "#" * 70000)
    cast.send("so is its file", "--to", "@big", "-m", "x", state=state, status=1, errors=[r"@big.*too large"])


def usage(cast):
    for name, options, error in (
            ("a message for nobody", ["-m", "x"], r"--to"), ("lines of nobody", ["-s"], r"--to"),
            ("two messages", ["--to", "Eve", "-m", "x", "-s"], r"exclude"),
            ("a name that is none", ["--to", "Eve,9bob"], r"\"9bob\": neither a name"),
            ("no name", ["--to", ""], r"neither a name"), ("an empty name", ["--to", "Eve,"], r"neither a name"),
            ("a file that is not there", ["--to", "Eve", "-f", "/nonexistent"], r"/nonexistent: No such file"),
            ("a group that is not there", ["--to", "@none"], r"groups/none: No such file"),
            ("a quorum of nobody", ["--need", "0"], r"--need")):
        cast.send(name + " is a usage error", *options, status=1, errors=[error])
    cast.send("a folder is no message", "--to", "Eve", "-f", "/", status=2, errors=[r"cannot read the message"])


def many(server):
    """A line may have more recipients than the window has places left."""
    state = folder("many")
    os.makedirs(os.path.join(state, "groups"), mode=0o700)
    write_file(os.path.join(state, "groups", "all"), "".join("n%d\n" % number for number in range(256)))
    adam = Client(server, "Adam", "--to", "@all", state=state)
    adam.finish("one\ntwo\nthree\n")
    is_(adam.wait(), 12, "256 who are not there")
    want = ["chatsecure: line %d to n%d: no such user" % (line, number) for line in (1, 2, 3) for number in range(256)]
    ok(sorted(complaints(adam)) == sorted(want), "are named one by one for each line")


def main():
    cast = Cast()
    a_line_to_several(cast)
    one_bad_recipient_hides_no_other(cast)
    quorums(cast)
    each_line_is_a_body(cast)
    one_message(cast)
    groups(cast)
    usage(cast)
    many(cast.server)


run(main)
