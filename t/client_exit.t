#!/usr/bin/env python3
"""chatsecure: the table of exit statuses, as in the manual, with a recipe for each. Each is the end of a real run, with
what it says on stderr."""

import os
import re
import signal

from exit_table import Table
from harness import *
from harness import CLIENT
from fake_server import FakeServer, Proxy

ROW = re.compile(r"X\(STATUS_\w+, (\d+), \"([^\"]+)\"\)")

table = Table("man/chatsecure.1")
row, ends = table.row, table.ends


def sender(server, *options, data=b"", name="Adam", **keywords):
    """A script that sends the lines of data."""
    client = Client(server, name, *options, **keywords)
    client.finish(data)
    return client


def receiver(server, name, *options, **keywords):
    client = Client(server, name, "--receive", *options, **keywords)
    client.err.expect(r"new server")
    return client


def command(server, *words, state="command"):
    """`chatsecure -n Adam WORDS... HOST:PORT`; with a timeout, so that nothing takes long."""
    argv = [CLIENT, "-n", "Adam", "--state-dir", folder(state), "--identity", key("adam"), "--trust", "first-use",
            "-W", str(scaled(1)), *words]
    return Process(argv if server is None else argv + [server.address])


@row(0)
def delivered(server):
    """Every line was delivered."""
    eve = receiver(server, "Eve")
    ends(sender(server, data="Eve: hello\n"), 0)
    like(eve.out.line(), r"^\[\d\d:\d\d:\d\d\] \[Adam\]: hello$", "and the line is there")
    ends(sender(server, "--to", "Eve,Nobody", "--need", "1", "-m", "x"), 0, r"to Nobody: no such user")
    eve.signal(signal.SIGTERM)
    ends(eve, 0)


@row(20)
def the_answer_was_no(server):
    """The question of ask was delivered, and the answer was no."""
    eve = receiver(server, "Eve")
    adam = command(server, "ask", "Eve: deploy? [y/n]")
    eve.out.expect(r"deploy\?")
    eve.send("Adam: no\n")
    ends(adam, 20)
    is_(adam.out.text(), "no\n", "which is printed")
    eve.kill()


@row(11)
def no_receipt(server):
    """A line has no receipt in time, or its receiver left before it, or a signal came; a question or a ping has no
    answer."""
    eve = receiver(server, "Eve")
    adam = command(server, "ask", "Eve: are you there?")
    eve.out.expect(r"are you there")
    ends(adam, 11, r"^chatsecure: no answer$")
    eve.signal(signal.SIGSTOP)
    ends(sender(server, "-W", str(scaled(1)), data="Eve: hello\n"), 11,
         r"^chatsecure: line 1 to Eve: no receipt in time$")
    ends(command(server, "ping", "Eve", "-c", "1"), 11, r"^chatsecure: ping Eve: no answer in time$")
    adam = Client(server, "Adam", "--to", "Eve", "-m", "x", "--debug")
    adam.err.expect(r"line 1 is for Eve")
    adam.signal(signal.SIGTERM)
    ends(adam, 11, r"line 1 to Eve: interrupted before its receipt came$")
    eve.kill()
    gate = os.path.join(folder(), "gate")
    os.mkfifo(gate)
    slow = write_file("slow", "#!/bin/sh\necho started; read line < %s\n" % gate, mode=0o700)
    bob = receiver(server, "Bob", "--exec", slow)
    adam = Client(server, "Adam", "--to", "Bob", "-m", "x")
    bob.out.expect(r"started")
    bob.signal(signal.SIGTERM)
    ends(bob, 0)
    ends(adam, 11, r"line 1 to Bob: the peer left before its receipt came$")
    os.close(os.open(gate, os.O_WRONLY))


@row(5)
def refused(server):
    """The server refused, or the receiver takes no messages of this name."""
    small = Server("--max-clients", "1")
    only = receiver(small, "Eve")
    ends(sender(small), 5, r"refused: ")
    only.kill()
    strong = Server("--ciphers", "AES-256")
    ends(sender(strong, "--ciphers", "AES-128"), 5, r"refused: ")
    ends(sender(Server("--register", "closed")), 5, r"refused: ")
    bob = receiver(server, "Bob", "--from", "Eve")
    ends(sender(server, data="Bob: x\n"), 5, r"line 1 to Bob: the peer takes no messages of this name$")
    bob.kill()


@row(12)
def no_such_user(server):
    """There is no such user, or the name is not on file."""
    ends(sender(server, data="Nobody: hello\n"), 12, r"^chatsecure: line 1 to Nobody: no such user$")
    ends(command(server, "whois", "Nobody"), 12, r"^chatsecure: whois Nobody: no such user$")
    ends(command(server, "ping", "Nobody"), 12, r"^chatsecure: ping Nobody: no such user$")
    ends(command(None, "verify", "Nobody"), 12, r"Nobody")
    ends(command(None, "untrust", "Nobody"), 12, r"Nobody")


@row(16)
def the_program_failed(server):
    """The receiver has a program for messages, which failed for this one."""
    bob = receiver(server, "Bob", "--exec", "false")
    ends(sender(server, data="Bob: hello\n"), 16,
         r"^chatsecure: line 1 to Bob: the peer's program for it failed with status 1$")
    bob.kill()


@row(3)
def network(server):
    """The server cannot be reached, or was lost and not found again in time."""
    ends(sender("127.0.0.1:1"), 3, r"127\.0\.0\.1:1: .*refused")
    ends(sender("nobody.invalid:4"), 3, r"nobody\.invalid")
    fake = FakeServer()
    adam = Client(fake, "Adam", "--to", "Eve", "-m", "x", "-W", str(scaled(1)), reconnect=True)
    session = fake.accept().handshake()
    session.receive("client-connect")
    fake.close()
    session.close()
    ends(adam, 3, r"line 1 to Eve: no receipt before the connection was back$")


@row(6)
def a_bad_line(server):
    """A line cannot be a message."""
    for line, text in ((b"Eve: " + b"x" * 40000, r"line 1.*: .*long"), (b"Eve: a\0b", r"line 1: .*NUL"),
                       (b"Eve: \xff", r"line 1: it is not UTF-8"), (b"Adam: x", r"line 1 to Adam: .*oneself"),
                       (b"Eve,9: x", r"line 1 to 9: "), (b"hello", r"line 1: .*NAME: text"),
                       (b"exit\nEve: x", r"line 2 and what follows it: not sent")):
        ends(sender(server, data=line + b"\n"), 6, text)


@row(1)
def usage(server):
    """The command line is wrong, or a file it names cannot be used."""
    for options in (["--nonsense"], ["--timeout", "soon"], ["--trust", "never"], ["--trust-peers", "ask"],
                    ["--fingerprint", "SHA256:abc"], ["--ciphers", "ROT13"], ["--count", "0"], ["-n", "9lives"],
                    ["one", "two"]):
        ends(sender(server, *options), 1, r"^chatsecure: ")
    ends(sender(server, name=None), 1, r"--name")
    ends(sender(server, "--identity", "/nonexistent/key.pem", identity=""), 1, r"/nonexistent/key\.pem")
    ends(sender(server, "--to", "@/nonexistent/group", "-m", "x"), 1, r"/nonexistent/group")


@row(14)
def the_name_was_refused(server):
    """It is in use, or belongs to another key; or another program with the same identity has taken it over."""
    eve = receiver(server, "Eve")
    ends(sender(server, name="Eve", identity="mallory"), 14, r"name")
    again = receiver(server, "Eve")
    ends(eve, 14, r"another program with this identity has taken the name over$")
    again.kill()
    ends(sender(server, name="Eve", identity="mallory"), 14, r"name")


@row(15)
def the_state_directory_is_in_use(server):
    """By another process."""
    eve = receiver(server, "Eve")
    ends(sender(server, state=eve.state), 15, r"in use.*--state-dir")
    eve.kill()


@row(2)
def internal(server):
    """Memory, the files of the state directory, or standard output."""
    mallory = Client(server, "Mallory", "--count", "1", redirect="> /dev/full")
    mallory.err.expect(r"new server")
    adam = sender(server, data="Mallory: lost\n")
    ends(mallory, 2, r"standard output")
    ends(adam, 11)
    ends(sender(server, identity="", state="/dev/null/x"), 2, r"state directory")


@row(4)
def an_untrusted_key(server):
    """Of the server, or of a peer, here or there; or it was not verified."""
    eve = receiver(server, "Eve")
    ends(sender(server, trust=None), 4, r"--fingerprint " + re.escape(server.fingerprint))
    wary = folder("wary")
    write_file(os.path.join(wary, "known_peers"), "Eve SHA256:" + "A" * 43 + "\n")
    ends(sender(server, data="Eve: x\n", state=wary), 4, r"the key of the peer Eve has changed: .* trust Eve SHA256:")
    ends(sender(server, "--require", "verified", data="Eve: x\n"), 4, r"line 1 to Eve: .*not verified")
    eve.kill()
    shy = folder("shy")
    write_file(os.path.join(shy, "known_peers"), "Adam SHA256:" + "A" * 43 + "\n")
    eve = receiver(server, "Eve", state=shy)
    ends(sender(server, data="Eve: x\n"), 4, r"line 1 to Eve: the peer does not trust this key$")
    eve.kill()


@row(13)
def integrity(server):
    """A message or handshake failed its checks, or verify was given a number that is not the right one."""
    proxy = Proxy(server, lambda line, number: line.replace(b'"hmac":"', b'"hmac":"A', 1) if number == 3 else line)
    ends(sender(proxy, data="list\n"), 13, r"checks")
    ends(command(None, "trust", "Eve", "SHA256:" + "A" * 43), 0)
    ends(command(None, "verify", "Eve", *["00000"] * 12), 13, r"Eve")


def the_worst(server):
    """A run that met several ends with the last of them in the table's order, which the program's list has, too."""
    with open(os.path.join(SOURCE, "src/client/exit_status.h"), encoding="utf-8") as file:
        is_(table.rows, [int(value) for value, _ in ROW.findall(file.read())],
            "the manual lists the exit statuses in the program's order")
    eve = receiver(server, "Eve")
    ends(sender(server, data="Nobody: hello\nEve: too\n"), 12, r"^chatsecure: line 1 to Nobody: no such user$")
    eve.kill()
    fake = FakeServer()
    client = sender(fake, "-W", str(scaled(1)), data="Bob: one\nNobody: two\nBob: \xff\n".encode("latin-1"))
    session = fake.accept().handshake()
    first = session.receive("client-connect")
    session.send({"type": "error", "code": "no-such-user", "text": "x", "id": first["id"], "dst": first["dst"]})
    ends(client, 6, r"UTF-8")
    unlike(client.err.text(), r"^(?!chatsecure: ).", "each line says whose it is")


def main():
    require_cryptography()
    server = Server()
    table.run(server)
    the_worst(server)


run(main)
