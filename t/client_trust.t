#!/usr/bin/env python3
"""chatsecure: whose keys are acceptable, and what is remembered of them."""

import os
import re
import stat
import time

from harness import *
from wire import Identity


def read(client, name):
    path = os.path.join(client.state, name)
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return file.read()


def today():
    return time.strftime("%Y-%m-%d", time.gmtime())


def run_client(server, *options, data="", **keywords):
    client = Client(server, "Adam", *options, **keywords)
    client.finish(data)
    client.wait()
    return client


def servers():
    server = Server()
    entry = "%s %s since=%s\n" % (server.address, server.fingerprint, today())

    client = run_client(server, trust=None)
    is_(client.status, 4, "off a terminal an unknown server is refused")
    is_(read(client, "known_servers"), None, "and not noted")
    client = run_client(server, "--trust", "ask", trust=None)
    is_(client.status, 4, "even with --trust ask: no question is asked there")
    client = run_client(server, trust="known")
    is_(client.status, 4, "--trust known refuses it")

    first = run_client(server)
    is_(first.status, 0, "--trust first-use takes it")
    is_(read(first, "known_servers"), entry, "and notes it")
    is_(stat.S_IMODE(os.stat(os.path.join(first.state, "known_servers")).st_mode), 0o600, "for nobody else to read")
    like(first.err.text(), r"^chatsecure: new server %s %s, noted in " %
         (re.escape(server.address), re.escape(server.fingerprint)), "and says so")
    client = run_client(server, trust="known", state=first.state)
    is_(client.status, 0, "what is noted is known")
    is_(client.err.text(), "", "and no more is said")

    client = run_client(server, "--fingerprint", server.fingerprint, trust=None)
    is_(client.status, 0, "--fingerprint takes the key it names")
    is_(read(client, "known_servers"), entry, "and a new server is noted")
    wrong = Identity("mallory").fingerprint
    client = run_client(server, "--fingerprint", wrong, state=first.state)
    is_(client.status, 4, "and no other, though it is known")
    like(client.err.text(), re.escape(server.fingerprint) + ".*" + re.escape(wrong), "both are shown")
    is_(read(client, "known_servers"), entry, "what was noted stays")

    other = Server(identity="mallory", listen=(server.address.rsplit(":", 1)[0] + ":0",))
    path = os.path.join(first.state, "known_servers")
    content = "# mine\n\n%s %s for now\n%s %s\n" % (server.address, server.fingerprint, other.address.upper(),
                                                   server.fingerprint)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    for trust in ("ask", "first-use", "known"):
        client = run_client(other, trust=trust, state=first.state)
        is_(client.status, 4, "a changed key is refused with --trust %s" % trust)
        like(client.err.text(), "changed: it is %s, and %s:4 has %s" %
             tuple(map(re.escape, (other.fingerprint, path, server.fingerprint))), "both keys and the place are shown")
    is_(read(first, "known_servers"), content, "the file is as it was")
    client = run_client(other, "--fingerprint", other.fingerprint, state=first.state)
    is_(client.status, 0, "--fingerprint decides alone")
    is_(read(first, "known_servers"), content, "and changes nothing")
    if resolves("localhost"):
        client = run_client("localhost:%d" % server.port, state=first.state)
        is_(client.status, 0, "another name for the server is another server")
        is_(read(first, "known_servers"),
            content + "localhost:%d %s since=%s\n" % (server.port, server.fingerprint, today()),
            "which is added, with all else kept")
    else:
        skip(2, "localhost has no address here")

    for bad in ("nonsense\n", server.address + " SHA256:short\n", server.address + "\n"):
        with open(path, "w", encoding="utf-8") as file:
            file.write("# mine\n" + bad)
        client = run_client(server, state=first.state)
        is_(client.status, 2, "a damaged file makes nobody new: %s" % bad.strip())
        like(client.err.text(), re.escape(path) + ":2", "and the line is named")


def peers():
    server = Server()
    eve = Client(server, "Eve", "--receive")
    eve.err.expect(r"new server")
    fingerprint = Identity("eve").fingerprint

    adam = run_client(server, data="Eve: one\n")
    is_(adam.status, 0, "a new peer is taken")
    is_(read(adam, "known_peers"), "Eve %s since=%s\n" % (fingerprint, today()), "and noted")
    like(adam.err.text(), r"^chatsecure: new peer Eve %s, noted in " % re.escape(fingerprint), "visibly")
    eve.err.expect(r"new peer Adam %s, noted in" % re.escape(Identity("adam").fingerprint))
    again = run_client(server, data="Eve: two\n", state=adam.state)
    is_((again.status, again.err.text()), (0, ""), "then known")
    known = run_client(server, "--trust-peers", "known", data="Eve: three\n", state=adam.state)
    is_(known.status, 0, "also to --trust-peers known")
    stranger = run_client(server, "--trust-peers", "known", data="Eve: four\n")
    is_(stranger.status, 4, "which refuses who is not")
    like(stranger.err.text(), r"(?s)the peer Eve is not known; its key is %s.*line 1 to Eve: " % re.escape(fingerprint),
         "with the key and the line")
    is_(read(stranger, "known_peers"), None, "and notes nothing")

    path = os.path.join(adam.state, "known_peers")
    mallory = Identity("mallory").fingerprint
    with open(path, "w", encoding="utf-8") as file:
        file.write("# friends\neve %s\n" % mallory)
    changed = run_client(server, data="Eve: five\n", state=adam.state)
    is_(changed.status, 4, "a changed key is refused")
    like(changed.err.text(), "the key of the peer Eve has changed: it is %s, and %s:2 has %s" %
         tuple(map(re.escape, (fingerprint, path, mallory))), "both keys and the place are shown")
    is_(read(adam, "known_peers"), "# friends\neve %s\n" % mallory, "the file is as it was")

    bob = Client(server, "Bob", "--receive", identity="mallory")
    bob.err.expect(r"new server")
    with open(os.path.join(bob.state, "known_peers"), "w", encoding="utf-8") as file:
        file.write("Adam %s\n" % mallory)
    sender = run_client(server, data="Bob: one\n")
    is_(sender.status, 4, "a peer that refuses this side's key is an untrusted end too")
    like(sender.err.text(), r"line 1 to Bob: the peer does not trust this key", "stderr says so")
    bob.err.expect(r"the key of the peer Adam has changed")
    bob.signal(15)
    is_(bob.wait(), 0, "the receiver names the changed key; who knocks does not choose its status")
    is_(bob.out.text(), "", "it has shown nothing")
    eve.signal(15)
    is_(eve.wait(), 0, "an undisturbed one ends well")
    is_([line.split(": ")[1] for line in eve.out.lines()], ["one", "two", "three"], "nothing was sent to a refused key")


def identity():
    server = Server()
    state = os.path.join(folder(), "new", "state")
    client = run_client(server, state=state, identity="")
    is_(client.status, 0, "an identity is made on first use")
    match = re.search(r"made a new identity, (SHA256:\S{43}), in (\S+)$", client.err.text(), re.MULTILINE)
    require(match, "stderr says so")
    path = os.path.join(state, "identity.pem")
    is_((match.group(2), Identity(path).fingerprint), (path, match.group(1)), "with its place and fingerprint")
    is_([stat.S_IMODE(os.stat(name).st_mode) for name in (state, path)], [0o700, 0o600], "for nobody else to read")
    client = run_client(server, state=state, identity="", data="list\n")
    is_(client.err.text(), "", "and used again")
    like(client.out.text(), re.escape(match.group(1)), "the same key")
    with open(path, "w", encoding="utf-8") as file:
        file.write("-----BEGIN PRIVATE KEY-----\n")
    client = run_client(server, state=state, identity="")
    is_(client.status, 2, "a damaged identity is an error")
    like(client.err.text(), re.escape(path), "which names the file")


def main():
    require_cryptography()
    servers()
    peers()
    identity()


run(main)
