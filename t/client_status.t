#!/usr/bin/env python3
"""chatsecure: the exit statuses. Each is the end of a real run, with what it says on stderr."""

import os
import re
import signal

from harness import *
from fake_server import FakeServer, Proxy

ROW = re.compile(r"X\(STATUS_\w+, (\d+), \"([^\"]+)\"\)")


def manual_agrees():
    with open(os.path.join(SOURCE, "src/client/exit_status.h"), encoding="utf-8") as file:
        rows = ROW.findall(file.read())
    with open(os.path.join(SOURCE, "man/chatsecure.1"), encoding="utf-8") as file:
        section = file.read().split(".Sh EXIT STATUS")[1].split(".Sh ")[0]
    is_(re.findall(r"^\.It (\d+)", section, re.MULTILINE), [value for value, _ in rows],
        "the manual lists the exit statuses in the program's order")
    is_(sorted(int(value) for value, _ in rows), list(range(7)) + list(range(11, 17)) + [20], "all are there")


def ends(client, status, pattern, data=b""):
    client.finish(data)
    is_(client.wait(), status, "status %d" % status)
    like(client.err.text(), pattern, "status %d is explained" % status)
    unlike(client.err.text(), r"^(?!chatsecure: ).", "each line says whose it is")


def usage():
    for options in (["--nonsense"], ["--timeout", "soon"], ["--trust", "never"], ["--trust-peers", "ask"],
                    ["--fingerprint", "SHA256:abc"], ["--ciphers", "ROT13"], ["--count", "0"], ["-n", "9lives"],
                    ["one", "two"]):
        ends(Client("localhost:1", "Adam", *options), 1, r"^chatsecure: ")
    ends(Client("localhost:1", None), 1, r"--name")
    ends(Client("localhost:1", "Adam", identity="", state="/dev/null/x"), 2, r"state directory")
    ends(Client("localhost:1", "Adam", "--identity", "/nonexistent/key.pem", identity=""), 1, r"/nonexistent/key\.pem")


def main():
    require_cryptography()
    manual_agrees()
    usage()
    server = Server()

    eve = Client(server, "Eve", "--receive")
    eve.err.expect(r"new server")
    adam = Client(server, "Adam")
    adam.finish("Eve: hello\n")
    is_(adam.wait(), 0, "status 0")
    like(eve.out.line(), r"^\[\d\d:\d\d:\d\d\] \[Adam\]: hello$", "and the line is there")

    mallory = Client(server, "Mallory", "--count", "1", redirect="> /dev/full")
    mallory.err.expect(r"new server")
    sender = Client(server, "Adam")
    sender.finish("Mallory: lost\n")
    is_(mallory.wait(), 2, "status 2")
    like(mallory.err.text(), r"standard output", "status 2 is explained")
    is_(sender.wait(), 11, "and who wrote to it has no receipt")

    ends(Client("127.0.0.1:1", "Adam"), 3, r"127\.0\.0\.1:1: .*refused")
    ends(Client("nobody.invalid:4", "Adam"), 3, r"nobody\.invalid")
    ends(Client(server, "Adam", trust=None), 4, r"--fingerprint " + re.escape(server.fingerprint))

    small = Server("--max-clients", "1")
    only = Client(small, "Eve", "--receive", state=eve.state + "-2")
    only.err.expect(r"new server")
    ends(Client(small, "Adam"), 5, r"refused: ")

    ends(Client(server, "Adam"), 6, r"line 1: .*NAME: text", "hello\n")
    ends(Client(server, "Adam"), 12, r"^chatsecure: line 1 to Nobody: no such user$", "Nobody: hello\nEve: too\n")

    eve.signal(signal.SIGSTOP)
    ends(Client(server, "Adam", "--timeout", "1"), 11, r"^chatsecure: line 1 to Eve: no receipt in time$",
         "Eve: hello\n")
    eve.signal(signal.SIGCONT)

    bob = Client(server, "Bob", "--receive", "--exec", "false")
    bob.err.expect(r"new server")
    ends(Client(server, "Adam"), 16, r"^chatsecure: line 1 to Bob: the peer's program for it failed with status 1$",
         "Bob: hello\n")

    proxy = Proxy(server, lambda line, number: line.replace(b'"hmac":"', b'"hmac":"A', 1) if number == 3 else line)
    ends(Client(proxy, "Adam"), 13, r"checks", "list\n")
    ends(Client(server, "Eve", identity="mallory"), 14, r"name")
    ends(Client(server, "Adam", state=eve.state), 15, r"in use.*--state-dir")

    eve.signal(signal.SIGTERM)
    is_(eve.wait(), 0, "a receiver that is told to end has status 0")

    fake = FakeServer()
    client = Client(fake, "Adam")
    client.finish("Bob: one\nNobody: two\nBob: \xff\n".encode("latin-1"))
    session = fake.accept().handshake()
    first = session.receive("client-connect")
    session.send({"type": "error", "code": "no-such-user", "text": "x", "id": first["id"], "dst": first["dst"]})
    is_(client.wait(), 6, "of several, the worse in the table's order")


run(main)
