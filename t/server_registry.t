#!/usr/bin/env python3
"""The registry: names and keys that outlive the server, however it ends."""

import os
import random
import signal
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


def reload(server):
    server.signal(signal.SIGHUP)
    server.err.expect(r"info files were read again$")


def test_policy():
    adam, eve, mallory = (Identity(name).fingerprint for name in ("adam", "eve", "mallory"))
    server = Server("--register", "closed")
    is_(Peer(server, "Adam").refused(), "denied", "closed: nobody comes who is not there")
    is_(server.stop(), 0, "the server ends as it should")
    before = Server()
    Peer(before, "Adam").handshake().bye()
    before.kill()
    server = Server("--register=closed", state=before.state)
    Peer(server, "Adam").handshake().bye()
    reached("who is there comes")
    is_(Peer(server, "Adam", key="mallory").refused(), "name-taken", "with his own key")
    is_(Peer(server, "Eve").refused(), "denied", "and nobody else")
    is_(server.stop(), 0, "the server ends as it should")

    path = write_file("allowed", "# who may come\n\nADAM %s since=2026-01-01\n  Eve\t%s\n" % (adam, mallory))
    server = Server(*LIFTED, "--register", "allow:" + path)
    first = Peer(server, "Adam").handshake()
    is_(Peer(server, "Eve").refused(), "name-taken", "allow: a name comes with the key that the file has for it")
    is_(Peer(server, "Other", key="adam").refused(), "denied", "and what is not in the file not at all")
    second = Peer(server, "Eve", key="mallory").handshake()
    second.send(second.connect_to("Adam"))
    first.receive("client-connect")
    server.signal(signal.SIGHUP)
    server.err.expect(r"info files were read again$")
    for peer in (first, second):
        ok(peer.settled(), "SIGHUP does not end the server, nor a session")

    for content, pattern in (("Adam\n", r":1 is not a name and"), ("# x\n9 %s\n" % adam, r":2 is not a name and"),
                             ("Adam %s\nadam %s\n" % (adam, adam), r":2 has a name that another line has"),
                             ("Adam %s\n" % adam[:-1], r":1 is not"), ("Adam " + "x" * 2000, r":1 is too long"),
                             ("Adam\0 %s\n" % adam, r":1 is")):
        write_file("allowed", content)
        reload(server)
        like(server.err.so_far(), r"error .*allowed" + pattern + ".*stays in force",
             "a bad file is told of: " + pattern)
        ok(first.settled(), "and the list before it stays in force")
    os.remove(path)
    reload(server)
    like(server.err.so_far(), r"error cannot read .*allowed: No such file", "so is one that is gone")
    write_file("allowed", "Adam %s\n" % adam, mode=0o620)
    reload(server)
    like(server.err.so_far(), r"error others may write to .*: chmod go-w ", "and one that others may write to")
    ok(second.settled(), "all of which changes nothing")
    write_file("allowed", "Adam %s\nOther %s" % (adam, adam))
    reload(server)
    is_(second.receive(), {"type": "bye", "reason": "denied"}, "who is not in the new list has to leave")
    second.ended()
    is_(first.receive(), {"type": "client-disconnect", "src": "Eve", "dst": "Adam", "reason": "removed"},
        "and those who talked to him are told")
    ok(first.settled(), "who is in it stays")
    Peer(server, "Other", key="adam").handshake().bye()
    reached("and who is new in it comes, the last line lacking its end")
    is_(server.stop(), 0, "the server ends as it should")

    for arguments in (("--register", "allow", path), ("--register", "allow " + path), ("--register=allow:" + path,)):
        server = Server(*arguments)
        is_(Peer(server, "Eve").refused(), "denied", "written as %s" % " ".join(arguments[:-1] or ("one argument",)))
        server.kill()
    server = Server("--register", "allow:" + write_file("bad", "Adam"), ready=False)
    is_(server.wait(), 2, "a bad file at the start ends it with 2")
    like(server.err.text(), r"bad:1 is not a name and a fingerprint", "and is told of")


def test_nohup():
    """A hang-up reloads also where it is ignored from the start."""
    server = Server(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    reload(server)
    reached("SIGHUP has the server read its files where it was ignored before")
    is_(server.stop(), 0, "the server ends as it should")


def test_waiting():
    """While another program holds the database: who is known comes and goes, who is new waits, and what that program
    has written counts."""
    server = Server(*LIFTED)
    adam = Peer(server, "Adam").handshake()
    database = sqlite3.connect(server.state + "/registry.db", isolation_level=None, check_same_thread=False)
    database.execute("BEGIN IMMEDIATE")
    answers = {}

    def claim(name, key):
        try:
            answers[name, key] = Peer(server, name, key=key).handshake()
        except Closed as refusal:
            answers[name, key] = str(refusal)

    threads = [threading.Thread(target=claim, args=pair)
               for pair in (("New", "eve"), ("New", "mallory"), ("Blocked", "eve"), ("Mine", "relay"))]
    for thread in threads:
        thread.start()
    eve = Peer(server, "adam").handshake()
    is_(adam.receive("bye")["reason"], "replaced", "while the database is held a known name is taken over")
    eve.send(eve.com("Adam", 1))
    is_(eve.receive("client-com")["id"], "m1", "and messages are passed on")
    for name, key, state in (("New", "mallory", "active"), ("Blocked", "eve", "blocked")):
        database.execute("INSERT INTO users (folded, name, fingerprint, state) VALUES (?, ?, ?, ?)",
                         (name.lower(), name, Identity(key).fingerprint, state))
    database.execute("COMMIT")
    database.close()
    for thread in threads:
        thread.join()
    is_(answers["New", "eve"], "name-taken", "when it is not any more, what was written there counts")
    ok(isinstance(answers["New", "mallory"], Peer), "for its owner")
    is_(answers["Blocked", "eve"], "denied", "and who was blocked there")
    ok(answers["Mine", "relay"].settled(), "and what is free goes to who asked")
    is_(server.stop(), 0, "the server ends as it should")


def main():
    require_cryptography()
    test_restart()
    test_race()
    test_killed()
    test_waiting()
    test_policy()
    test_nohup()


run(main)
