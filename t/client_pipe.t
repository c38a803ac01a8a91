#!/usr/bin/env python3
"""chatsecure fed through pipes: what is a line, what happens to each, and nothing lost at the end."""

import os
import re
import signal

from harness import *
from fake_server import FakeServer

BODY_MAX = 32768
STAMP = r"\[\d\d:\d\d:\d\d\] "


class Pair:
    """Eve receives, Adam sends what a test gives him."""

    def __init__(self, *options):
        self.server = Server()
        self.eve = Client(self.server, "Eve", "--receive", *options)
        self.eve.err.expect(r"new server")

    def send(self, data, status, name, err=None, **options):
        """Adam's end, with his stderr but for the first words about keys."""
        adam = Client(self.server, "Adam", **options)
        adam.finish(data)
        is_(adam.wait(), status, name)
        text = "".join(line for line in adam.err.text().splitlines(True)
                       if not re.search(r": new (server|peer) ", line))
        if err is None:
            is_(text, "", "nothing is on stderr")
        else:
            like(text, err, "stderr names it")
        self.adam = adam
        return text

    def got(self, *bodies):
        lines = [self.eve.out.line() for _ in bodies]
        is_([re.sub("^" + STAMP, "", line) for line in lines], ["[Adam]: " + body for body in bodies],
            "they came, in order")


def lines(pair):
    pair.send("Eve: one\nEve: two\n", 0, "two lines are delivered")
    pair.got("one", "two")
    pair.send("Eve: last", 0, "a last line without its newline is delivered")
    pair.got("last")
    pair.send("Eve: dos\r\nEve: dos too\r", 0, "CRLF")
    pair.got("dos", "dos too")
    pair.send("", 0, "empty input")
    pair.send("\n\r\n\n", 0, "empty lines")
    pair.send("Eve:none\nEve:  two\nEve: a: b\nEve:\n", 0, "one space after the first colon is dropped")
    pair.got("none", " two", "a: b", "")
    pair.send("eve: lower\nEVE: upper\n", 0, "names have no case")
    pair.got("lower", "upper")
    pair.send("Eve: \u00e4\u20ac\U0001f600\u4e2d\ttab\n", 0, "UTF-8 goes through")
    pair.got("\u00e4\u20ac\U0001f600\u4e2d\ttab")


def limits(pair):
    pair.send("Eve: " + "x" * BODY_MAX + "\nEve: after\n", 0, "a body of %d bytes" % BODY_MAX)
    pair.got("x" * BODY_MAX, "after")
    pair.send("Eve: " + "x" * BODY_MAX + "\r\n", 0, "and with CRLF")
    pair.got("x" * BODY_MAX)
    pair.send("Eve: " + "x" * BODY_MAX, 0, "and without an end")
    pair.got("x" * BODY_MAX)
    text = pair.send("Eve: " + "x" * (BODY_MAX + 1) + "\nEve: after\n", 6, "a byte more",
                     r"^chatsecure: line 1 to Eve: .*too long")
    is_(text.count("\n"), 1, "in one line")
    pair.got("after")
    pair.send("Eve: before\nEve: " + "x" * 200000 + "\nEve: after\n" + "y" * 100000, 6, "many bytes more",
              r"^chatsecure: line 2: too long.*\nchatsecure: line 4: too long")
    pair.got("before", "after")
    pair.send("Eve: " + '"' * BODY_MAX + "\nEve: after\n", 6, "a body whose escapes make it too long",
              r"^chatsecure: line 1 to Eve: .*too long")
    pair.got("after")
    pair.send(b"Eve: a\0b\nEve: after\n", 6, "a NUL", r"^chatsecure: line 1: .*NUL")
    pair.got("after")
    for bad in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"):
        pair.send(b"Eve: a" + bad + b"\nEve: after\n", 6, "%r, which is no UTF-8" % bad,
                  r"^chatsecure: line 1: .*UTF-8")
        pair.got("after")


def nobodys(pair):
    pair.send("hello\nEve: after\nexti\n two: x\nnot a name: x\n", 6, "lines that are for nobody",
              r"^chatsecure: line 1: .*\nchatsecure: line 3: .*\nchatsecure: line 4: .*\nchatsecure: line 5: ")
    pair.got("after")
    pair.send("Adam: hello\n", 6, "a message to oneself", r"^chatsecure: line 1 to Adam: .*oneself")
    text = pair.send("Bob: one\nEve: two\nBob: three\nCarol: four\n", 12, "those who are not there",
                     r"line 1 to Bob: no such user")
    is_(sorted(text.splitlines()), ["chatsecure: line %d to %s: no such user" % row for row in
                                    ((1, "Bob"), (3, "Bob"), (4, "Carol"))], "each line is named")
    pair.got("two")


def commands(pair):
    pair.send("list\n", 0, "list")
    users = pair.adam.out.lines()
    is_([re.sub(r"^\d+ (\S+) SHA256:[A-Za-z0-9+/]{43} \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", r"\1", line)
         for line in users], ["Adam", "Eve"], "a line each user, in order")
    pair.send("help\n", 0, "help")
    for word in ("help", "list", "exit", "quit", "NAME: text"):
        like(pair.adam.out.text(), "^" + word + " ", "help tells of " + word)
    with open(os.path.join(SOURCE, "src/client/commands.h"), encoding="utf-8") as file:
        words = re.findall(r'X\(COMMAND_\w+, "([\w ]+)"', file.read())
    with open(os.path.join(SOURCE, "man/chatsecure.1"), encoding="utf-8") as file:
        tags = re.findall(r"^\.It Ic ([\w ,]+?)(?: (?:Ar|Cm|Oo|Op) .*)?$", file.read(), re.MULTILINE)
        is_(" , ".join(tags).split(" , "), words,
            "the manual has the commands")
    is_(re.findall(r"^(\w+)(?: .*?)? {2,}", pair.adam.out.text(), re.MULTILINE), words, "and help has")
    for word in ("exit", "quit"):
        pair.send("Eve: before\n" + word + "\n\n", 0, word + " is the end of input")
        pair.got("before")
        pair.send("Eve: before\n" + word + "\n\nEve: after\n", 6, "a line behind " + word + " is not sent",
                  r"line 4 and what follows it: not sent, behind the end")
        pair.got("before")
    is_(pair.adam.out.text(), "", "stdout has messages and answers only")


def standard_input(pair):
    pair.send("", 0, "stdin closed", redirect="<&-")
    adam = Client(pair.server, "Adam", redirect="< /dev/null")
    is_(adam.wait(), 0, "/dev/null")
    path = write_file("lines", "Eve: from a file\nEve: and more")
    adam = Client(pair.server, "Adam", redirect="< " + path)
    is_(adam.wait(), 0, "a file")
    pair.got("from a file", "and more")
    adam = Client(pair.server, "Adam", redirect="< /")
    is_(adam.wait(), 2, "a folder")
    like(adam.err.text(), r"cannot read standard input", "stderr says so")


def between_lines(pair):
    """A peer that leaves between two lines, and one that comes."""
    bob = Client(pair.server, "Bob", "--count", "1")
    bob.err.expect(r"new server")
    adam = Client(pair.server, "Adam")
    adam.send("Bob: first")
    like(bob.out.line(), r"\[Adam\]: first$", "the first line is there")
    is_(bob.wait(), 0, "the peer leaves")
    adam.finish("Bob: second\nEve: third\n")
    is_(adam.wait(), 12, "the second line has nobody to go to")
    like(adam.err.text(), r"^chatsecure: line 2 to Bob: no such user$", "stderr names it")
    unlike(adam.err.text(), r"line [13] to", "and no other")
    pair.got("third")


def in_the_handshake():
    """The input ends long before anything stands."""
    fake = FakeServer()
    adam = Client(fake, "Adam")
    adam.finish("Eve: hello")
    session = fake.accept()
    session.take_phase1()
    session.send_line(session.phase2())
    session.take_phase3()
    session.send(session.phase4())
    message = session.receive("client-connect")
    is_(message["dst"], "Eve", "a line read before the session stands is sent when it does")
    session.close()
    is_(adam.wait(), 3, "and its loss is told")
    like(adam.err.text(), r"line 1 to Eve: no receipt", "stderr names the line")


def interrupted(pair):
    adam = Client(pair.server, "Adam")
    adam.send("Eve: before")
    pair.got("before")
    pair.eve.signal(signal.SIGSTOP)
    adam.send("Eve: stuck")
    adam.send("list")
    adam.out.expect(r" Eve SHA256")
    adam.signal(signal.SIGTERM)
    is_(adam.wait(), 11, "a client that is killed does not say that all was delivered")
    like(adam.err.text(), r"^chatsecure: line 2 to Eve: interrupted", "and names what was not")
    pair.eve.signal(signal.SIGCONT)
    pair.got("stuck")


def main():
    require_cryptography()
    pair = Pair()
    lines(pair)
    limits(pair)
    nobodys(pair)
    commands(pair)
    standard_input(pair)
    between_lines(pair)
    in_the_handshake()
    interrupted(pair)


run(main)
