#!/usr/bin/env python3
"""chatsecure and a bad network: servers that are not there, that are none, that die, that lie."""

import os
import re
import socket

from harness import *
from fake_server import FakeServer, Proxy


def ends(client, status, pattern, name):
    is_(client.wait(), status, name)
    like(client.err.text(), pattern, "stderr says why")


def handshakes():
    fake = FakeServer()

    def adam(*options, data="Eve: hello\n"):
        client = Client(fake, "Adam", *options)
        client.finish(data)
        return client, fake.accept()

    client, session = adam()
    session.close()
    ends(client, 3, r"ended the connection in the handshake", "a server that hangs up")
    client, session = adam()
    session.send_line(b"SSH-2.0-OpenSSH_9.2")
    ends(client, 3, r"does not speak this protocol", "a server of another kind")
    client, session = adam()
    session.send_bytes(b"x" * 40000)
    ends(client, 3, r"does not speak this protocol", "a line without an end")
    client, session = adam("--timeout", str(scaled(1)))
    session.take_phase1()
    ends(client, 3, r"in time", "a server that says nothing")
    for code, status in (("name-taken", 14), ("bad-name", 14), ("busy", 5), ("denied", 5), ("bad-version", 5),
                         ("no-common-cipher", 5), ("timeout", 3), ("bad-handshake", 13), ("new-fangled", 3)):
        client, session = adam()
        session.take_phase1()
        session.send_line({"type": "error", "code": code, "text": "because \x1b[31m of \u202e it"})
        ends(client, status, r"refused: because \\x1b\[31m of \\u\{202e\} it", "an error %s" % code)
    client, session = adam()
    session.take_phase1()
    session.send_line(session.phase2())
    session.take_phase3()
    session.send(session.phase4(confirm=bytes(32)))
    ends(client, 13, r"checks", "a server that cannot prove its key")
    client, session = adam()
    session.take_phase1()
    session.send_line(session.phase2(ciphers=["ROT13"]))
    ends(client, 13, r"checks", "a suite that was not offered")
    fake.close()


def sessions():
    fake = FakeServer()

    def adam(data, *options):
        client = Client(fake, "Adam", *options)
        client.feed(data, close=False)
        return client, fake.accept().handshake()

    client, session = adam("Eve: one\nBob: two\nlist\n")
    for _ in range(3):
        session.receive()
    session.close()
    ends(client, 3, r"(?s)was lost.*^chatsecure: line 1 to Eve: no receipt.*^chatsecure: line 2 to Bob: no receipt.*"
         r"^chatsecure: list: no answer", "a connection that is cut")
    client, session = adam("")
    session.send({"type": "bye", "reason": "shut\x07down"})
    ends(client, 3, r"ended the session: shut\\x07down", "a server that leaves")
    client, session = adam("")
    session.reset()
    ends(client, 3, r"was lost", "a reset")
    client, session = adam("")
    session.send({"type": "list", "data": "nonsense"})
    ends(client, 13, r"checks", "a payload that is not legal")
    client, session = adam("")
    line = session.seal({"type": "ping"})
    session.send_line(line)
    session.receive("pong")
    session.send_line(line)
    ends(client, 13, r"integrity", "a replay")
    client, session = adam("")
    session.send_line(b"{}")
    ends(client, 13, r"checks", "a plain line in the session")
    client, session = adam("")
    session.send({"type": "client-disconnect", "src": "Eve", "dst": "Bob", "reason": "bye"})
    session.send({"type": "client-disconnect", "src": "Eve", "dst": "Adam", "reason": "bye"})
    session.settled()
    client.close_stdin()
    session.receive("bye")
    session.close()
    ends(client, 13, r"not for Adam", "a message for somebody else")
    client, session = adam("list\n")
    session.receive("list")
    row = {"name": "Eve", "id": 3, "key": fake.fingerprint, "since": 2**53 - 1}
    session.send({"type": "list", "data": [row], "more": True})
    is_(session.receive("list").get("after"), "Eve", "a list of several pages is asked for to its end")
    session.send({"type": "list", "data": [row], "more": True})
    session.send({"type": "ping", "id": "p"})
    is_(session.receive("pong").get("id"), "p", "a list that goes in circles is left, and a ping has its answer")
    client.close_stdin()
    session.receive("bye")
    session.send({"type": "bye"})
    session.close()
    is_(client.wait(), 0, "a goodbye on both sides")
    for key in ("key", "name"):
        client, session = adam("list\n")
        session.receive("list")
        session.send({"type": "list", "data": [dict(row, **{key: "SHA256:\u200b\x1b]0;x\x07"})], "more": False})
        ends(client, 13, r"checks", "a list whose %s is none" % key)
        is_(client.out.text(), "", "and nothing of it is shown")
    fake.close()


def suites():
    strong = Server("--ciphers", "AES-256")
    client = Client(strong, "Adam", "--ciphers", "AES-128")
    ends(client, 5, r"refused: no cipher suite in common", "no suite in common")
    for ciphers, suite in (("AES-256,AES-128", "AES-256"), ("AES-256", "AES-256")):
        client = Client(strong, "Adam", "--ciphers", ciphers, "--debug")
        client.finish("list\n")
        is_(client.wait(), 0, "--ciphers %s" % ciphers)
        like(client.err.text(), r"registered as Adam.* %s$" % suite, "agrees on %s" % suite)
    both = Server()
    eve = Client(both, "Eve", "--receive", "--ciphers", "AES-128")
    eve.err.expect("new server")
    client = Client(both, "Adam", "--debug")
    client.finish("Eve: hello\n")
    is_(client.wait(), 0, "peers agree among themselves")
    like(client.err.text(), r"session with Eve stands: AES-128", "on what both accept")


def killed(server):
    """The server is killed while lines are on their way."""
    eve = Client(server, "Eve", "--receive")
    eve.err.expect(r"new server")
    adam = Client(server, "Adam", "--timeout", str(scaled(20)))
    fed = adam.feed("".join("Eve: %d\n" % number for number in range(200000)))
    eve.out.wait_lines(500)
    server.kill()
    is_(adam.wait(), 3, "the server is killed in mid-stream")
    fed.join()
    text = adam.err.text()
    like(text, r"was lost", "stderr says so")
    like(text, r"^chatsecure: line \d+ to Eve: no receipt", "and names the lines without a receipt")
    like(text, r"^chatsecure: line \d+ and what follows it: not sent", "and those that were not sent")
    is_(eve.wait(), 3, "the receiver ends with it")


def addresses():
    """How a server may be named."""
    try:
        server = Server(listen=("[::1]:0", "127.0.0.1:0"))
    except Failure:
        skip(5, "there is no IPv6 here")
        return
    six, four = server.addresses
    named = []
    if resolves("localhost"):
        # Of a host with two addresses the first is one where nobody listens on that port.
        last = socket.getaddrinfo("localhost", 1, type=socket.SOCK_STREAM)[-1][0]
        port = (six if last == socket.AF_INET6 else four).rsplit(":", 1)[1]
        named = ["localhost:" + port, "LOCALHOST:" + port]
    else:
        skip(2, "localhost has no address here")
    for address in [six, four] + named:
        client = Client(address, "Adam", "--fingerprint", server.fingerprint)
        client.finish("list\n")
        is_(client.wait(), 0, "%s is reached, whichever address of it answers" % address)
    client = Client(six, "Adam", "--fingerprint", server.fingerprint)
    client.finish("")
    client.wait()
    with open(os.path.join(client.state, "known_servers"), encoding="utf-8") as file:
        like(file.read(), r"\A%s %s since=\S+\n\Z" % (re.escape(six), re.escape(server.fingerprint)),
             "and noted under the name it was given")


def words():
    """The command line's last word, in the place of --debug."""
    server = Server()
    client = Client(server, "Adam")
    client.finish("")
    client.wait()
    process = Process(client.argv + ["debug"], label="client with debug")
    process.finish("")
    is_(process.wait(), 0, "the word debug at the end")
    like(process.err.text(), r"debug registered as Adam", "shows what the client does")
    unlike(client.err.text(), r"debug", "which is not shown without it")


def tampered(server):
    """Somebody between client and server changes a message between two clients: the relay's session notices."""
    eve = Client(server, "Eve", "--receive")
    eve.err.expect(r"new server")

    def change(line, number):
        return line.replace(b'"payload":"', b'"payload":"AAAA', 1) if number == 4 else line

    adam = Client(Proxy(server, change), "Adam")
    adam.finish("Eve: hello\n")
    ends(adam, 13, r"(?s)checks.*line 1 to Eve", "a message that was changed on its way")


def main():
    require_cryptography()
    handshakes()
    sessions()
    server = Server()
    tampered(server)
    addresses()
    words()
    suites()
    killed(Server())


run(main)
