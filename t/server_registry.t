#!/usr/bin/env python3
"""The registry: names and keys that outlive the server, however it ends."""

import random
import sqlite3
import tempfile
import threading

from harness import *
from wire import *


def state_folder():
    return tempfile.mkdtemp(prefix="server-", dir=folder())


def test_restart():
    state = state_folder()
    server = Server(*LIFTED, state=state)
    adam = Peer(server, "Adam").handshake()
    adam.bye()
    is_(server.stop(), 0, "a server ends that knows Adam")
    server = Server(*LIFTED, state=state)
    is_(Peer(server, "adam", key="mallory").refused(), "name-taken", "the next one does as well")
    adam = Peer(server, "ADAM", key="adam").handshake()
    ok(adam.settled(), "and lets him in with his key")
    server.kill()
    server = Server(*LIFTED, state=state)
    is_(Peer(server, "Adam", key="mallory").refused(), "name-taken", "so does the one after one that was killed")
    with sqlite3.connect(state + "/registry.db") as database:
        is_(database.execute("SELECT name, fingerprint, state FROM users").fetchall(),
            [("Adam", adam.identity.fingerprint, "active")], "the database has name and key")
    is_(server.stop(), 0, "the server ends as it should")

    first = Server(*LIFTED, state=state)
    second = Server(*LIFTED, state=state, ready=False)
    is_(second.wait(), 2, "a second server for the same folder does not start")
    like(second.err.text(), r"in use by another chatsecure-server", "and says why")
    is_(first.stop(), 0, "the first is not disturbed")


def test_race():
    """A hundred connections want one name, each with one of four keys."""
    server = Server(*LIFTED)
    keys = ("adam", "eve", "mallory", "relay")
    results = []
    barrier = threading.Barrier(100)

    def attempt(number):
        peer = Peer(server, "Highlander", key=keys[number % 4])
        barrier.wait()
        try:
            peer.handshake()
            results.append((keys[number % 4], "in"))
        except (Closed, OSError) as refusal:
            results.append((keys[number % 4], str(refusal)))

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = {key for key, result in results if result == "in"}
    is_((len(results), len(winners)), (100, 1), "of a hundred connections those of one key get the name")
    is_({result for key, result in results if key not in winners}, {"name-taken"}, "all others are told so")
    winner = winners.pop()
    server.kill()
    server = Server(*LIFTED, state=server.state)
    for key in keys:
        if key != winner:
            is_(Peer(server, "Highlander", key=key).refused(), "name-taken", "also after the server was killed")
    ok(Peer(server, "Highlander", key=winner).handshake().settled(), "and the winner has it still")
    is_(server.stop(), 0, "the server ends as it should")


def claim_until_killed(server, prefix, key, told):
    """Claims one name after the other, and notes those that the server has said yes to."""
    for number in range(1000):
        name = "%s%d" % (prefix, number)
        try:
            peer = Peer(server, name, key=key).handshake()
        except (Closed, OSError, Failure):
            return
        told[name] = key
        peer.close()


def test_killed():
    """Whatever the moment at which it is killed: what a client was told holds."""
    state = state_folder()
    told = {}
    random.seed(20260301)
    for round_ in range(4):
        server = Server(*LIFTED, state=state)
        threads = [threading.Thread(target=claim_until_killed, args=(server, "R%d-%s-" % (round_, key), key, told))
                   for key in ("adam", "eve", "mallory")]
        for thread in threads:
            thread.start()
        for _ in range(random.randint(3, 12)):
            server.err.expect(r" is connected, ")
        server.kill()
        for thread in threads:
            thread.join()
    server = Server(*LIFTED, state=state)
    with sqlite3.connect(state + "/registry.db") as database:
        kept = dict(database.execute("SELECT name, fingerprint FROM users"))
    is_({name: key for name, key in told.items() if kept.get(name) != Identity(key).fingerprint}, {},
        "the %d names that clients were given in four servers that were killed are theirs" % len(told))
    ok(len(kept) >= len(told) >= 12, "and there were some")
    name, key = random.choice(sorted(told.items()))
    is_(Peer(server, name, key="relay").refused(), "name-taken", "others do not get them")
    ok(Peer(server, name, key=key).handshake().settled(), "their owners do")
    is_(server.stop(), 0, "the server ends as it should")


def main():
    require_cryptography()
    test_restart()
    test_race()
    test_killed()


run(main)
