#!/usr/bin/env python3
"""chatsecure --spool: lines that are on the disk until they are delivered.

Each function is a recipe. What happens when programs are killed is in client_spool_kill.t."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time

from harness import *

BIG = "x" * 30000


def sender(server, spool, *options, to="Eve", **keywords):
    return Client(server, "Adam", "--spool", spool, *(("--to", to) if to else ()), "-o", "json", *options,
                  reconnect=True, **keywords)


def receiver(server, name, *options, **keywords):
    client = Client(server, name, "--receive", "--debug", *options, reconnect=True, **keywords)
    client.err.expect(r"registered as")
    return client


def events(client, kind=None):
    return [event for event in map(json.loads, client.out.lines()) if kind in (None, event["type"])]


def states(client):
    return [(event["line"], event["state"]) for event in events(client, "status")]


def texts(client, count):
    client.out.wait_lines(count)
    return [line.split("]: ", 1)[1] for line in client.out.so_far().decode().splitlines()]


def waiting(spool):
    """Lines in the spool, as another program sees them."""
    database = sqlite3.connect(os.path.join(spool, "spool.db"))
    try:
        return database.execute("SELECT count(*) FROM lines").fetchone()[0]
    finally:
        database.close()


def kept_and_sent_by_the_next_run(server):
    spool = folder("kept")
    first = sender(server, spool)
    first.finish("one\ntwo\n")
    is_(first.wait(), 12, "without a receiver the status is the same as without a spool")
    like(first.err.text(), r"^chatsecure: line 1 to Eve: no such user\nchatsecure: 2 lines are kept in \S+kept, ",
         "and it is said that the lines are kept")
    is_(states(first), [(1, "queued"), (2, "queued"), (1, "kept"), (2, "kept")], "as the events do")
    is_(waiting(spool), 2, "they are in the spool")
    eve = receiver(server, "Eve", "-o", "json")
    begun = int(time.time() * 1000)
    second = sender(server, spool)
    second.finish("three\n")
    is_(second.wait(), 0, "the next run delivers them")
    unlike(second.err.text(), "kept", "and keeps nothing")
    is_(waiting(spool), 0, "the spool is empty")
    eve.signal(signal.SIGTERM)
    eve.wait()
    got = events(eve, "message")
    is_([event["text"] for event in got], ["one", "two", "three"], "they are the first")
    ids = [event["id"] for event in events(first, "status")[:2]]
    is_([event["id"] for event in got[:2]], ids, "under the same ids")
    ok(got[0]["time"] <= begun <= got[2]["time"], "and with the time at which they were read")


def queued_means_on_the_disk(server):
    """The system calls of a run: what says queued comes after what waits for the disk."""
    if not shutil.which("strace"):
        skip(1, "no strace")
        return
    spool, log = folder("synced"), os.path.join(folder(), "strace")
    template = sender(server, spool, "--retry")
    template.kill()
    argv = ["strace", "-f", "-y", "-s", "200", "-o", log, "-e", "trace=fdatasync,fsync,write", *template.argv]
    # The leak checker traces as well, and there can be one tracer only.
    traced = Process(argv, label="a traced client", env=environment(ASAN_OPTIONS="detect_leaks=0"))
    traced.finish("on the disk\n")
    if traced.wait() not in (12, 0):
        skip(1, "strace does not run here")
        return
    with open(log, encoding="utf-8", errors="replace") as file:
        calls = [line for line in file if "sync(" in line and "spool.db" in line or "queued" in line]
    told = next(place for place, call in enumerate(calls) if "queued" in call)
    ok(any("spool.db-wal" in call and call.rstrip().endswith("= 0") for call in calls[:told]),
       "queued is told when the disk has it")


def statuses(server):
    """Every end has its status; what another try may cure is kept, and the rest is not."""
    spool = folder("statuses")
    nobody = sender("127.0.0.1:1", spool, "-W", str(scaled(1)))
    nobody.finish("no relay\n")
    is_(nobody.wait(), 3, "no relay is 3, after --timeout")
    is_(waiting(spool), 1, "and the line is kept")

    eve = receiver(server, "Eve")
    eve.signal(signal.SIGSTOP)
    late = sender(server, spool, "-W", str(scaled(1)))
    late.finish("late\n")
    is_(late.wait(), 11, "no receipt in time is 11")
    is_(waiting(spool), 2, "and the line is kept")
    stopped = sender(server, spool, state=late.state)
    stopped.out.expect(r'"type":"ready"')
    stopped.send("interrupted")
    stopped.out.expect(r'"line":3,"to":"Eve","state":"queued"')
    stopped.signal(signal.SIGTERM)
    is_(stopped.wait(), 11, "so is a signal")
    is_(waiting(spool), 3, "and the line is kept")
    eve.signal(signal.SIGCONT)
    again = sender(server, spool, state=late.state)
    again.finish("")
    is_(again.wait(), 0, "a run without input delivers what is kept")
    is_(texts(eve, 3), ["no relay", "late", "interrupted"], "in order, and once, whatever was on its way before")

    declined = folder("declined")
    bob = receiver(server, "Bob", "--from", "Carol")
    refused = sender(server, declined, to="Bob")
    refused.finish("not wanted\n")
    is_(refused.wait(), 5, "a line that is not wanted is 5")
    is_(waiting(declined), 0, "and not kept")
    bob.kill()

    mallory = receiver(server, "Carol", identity="mallory")
    trusted = folder("changed")
    client = sender(server, trusted, to="Carol")
    write_file(os.path.join(client.state, "known_peers"), "Carol SHA256:%s\n" % ("A" * 43))
    client.finish("for another key\n")
    is_(client.wait(), 4, "a key that has changed is 4")
    is_(waiting(trusted), 0, "and the line is not kept")
    mallory.kill()

    expiring = folder("expiring")
    client = sender(server, expiring, "--ttl", "1", "-W", str(scaled(5)), to="Nobody")
    client.send("soon old")
    client.out.expect(r'"state":"expired"')
    client.finish("")
    is_(client.wait(), 11, "a line whose time is over is 11")
    is_(waiting(expiring), 0, "and not kept")
    eve.kill()


def in_one_run(server):
    """A peer that comes later, while the input goes on."""
    spool = folder("later")
    adam = sender(server, spool)
    adam.send("one\ntwo")
    adam.err.expect(r"line 1 to Eve: no such user; tried again")
    eve = receiver(server, "Eve")
    eve.out.wait_lines(2)
    adam.finish("three\n")
    is_(adam.wait(), 0, "who comes while the input goes on gets what waits")
    is_(texts(eve, 3), ["one", "two", "three"], "in order")
    is_([state for line, state in states(adam) if line == 1], ["queued", "sent", "delivered"], "and it is told once")
    eve.kill()


def several_recipients(server):
    """One who is there, and one who is not."""
    spool = folder("several")
    eve = receiver(server, "Eve")
    adam = sender(server, spool, to="Eve,Bob")
    adam.finish("for both\n")
    is_(adam.wait(), 12, "one of two is not there")
    is_(texts(eve, 1), ["for both"], "the other has it")
    bob = receiver(server, "Bob")
    adam = sender(server, spool, to="Eve", state=adam.state)
    adam.finish("")
    is_(adam.wait(), 0, "the next run sends it to the one")
    is_(texts(bob, 1), ["for both"], "who has it now")
    is_(texts(eve, 1), ["for both"], "and not to the other")
    bob.kill()
    adam = sender(server, spool, "--need", "1", to="Eve,Bob,9", state=adam.state)
    is_(adam.wait(), 1, "a list that is wrong is an error of usage")
    adam = sender(server, spool, "--need", "1", to="Eve,Bob", state=adam.state)
    adam.finish("for one of them\n")
    is_(adam.wait(), 0, "with --need 1 one of two will do")
    is_(waiting(spool), 1, "though the other is still to have it")
    adam = sender(server, spool, to=None, state=adam.state)
    adam.finish("Eve,0,Adam: partly\n")
    is_(adam.wait(), 6, "elements that are no recipient")
    eve.out.expect("partly")
    like(adam.err.text(), r"line 2 to 0: neither a name", "keep it from nobody, and are named")
    eve.kill()


def ids_of_ones_own(server):
    """A bot that says again what it is not sure to have said."""
    spool, other = folder("ids"), folder("other-ids")
    order = '{"id":"order-17","to":"Eve","text":"two pieces"}\n'
    eve = receiver(server, "Eve")
    adam = sender(server, spool, "-i", "json", to=None)
    adam.finish(order + order + '{"id":"order-18","to":"Eve","text":"two pieces"}\n')
    is_(adam.wait(), 0, "a message with an id")
    is_(texts(eve, 2), ["two pieces", "two pieces"], "is queued once")
    ok({"order-17", "order-18"} == {event["id"] for event in events(adam, "status")}, "under it")
    adam = sender(server, spool, "-i", "json", to=None, state=adam.state)
    adam.finish(order)
    is_(adam.wait(), 0, "nor does the next run queue it")
    is_([(event["id"], event["state"], event["reason"]) for event in events(adam, "status")],
        [("order-17", "delivered", "queued before")], "it says what became of it")
    eve.signal(signal.SIGTERM)
    eve.wait()
    eve = receiver(server, "Eve", state=eve.state)
    adam = sender(server, other, "-i", "json", to=None, state=adam.state)
    adam.finish(order + '{"to":"Eve","text":"the last"}\n')
    is_(adam.wait(), 0, "with another spool it is sent again")
    is_(texts(eve, 1), ["the last"], "and the receiver, started anew, knows that it has it")
    adam = sender(server, spool, "-i", "json", to=None, state=adam.state)
    adam.finish('{"id":"a b","to":"Eve","text":"x"}\n')
    is_(adam.wait(), 6, "what is no id is refused")
    eve.kill()


def a_program_runs_once(server):
    """A receiver with a program for messages that is started again."""
    order = '{"id":"job-1","to":"Bob","text":"build"}\n'
    log = os.path.join(folder(), "runs")
    command = write_file("append", "#!/bin/sh\ncat >> %s\n" % log, mode=0o700)
    bob = receiver(server, "Bob", "--exec", command)
    first = sender(server, folder("jobs"), "-i", "json", to=None)
    first.finish(order)
    is_(first.wait(), 0, "a program has run for a message")
    bob.kill()
    bob = receiver(server, "Bob", "--exec", command, state=bob.state)
    second = sender(server, folder("more-jobs"), "-i", "json", to=None, state=first.state)
    second.finish(order)
    is_(second.wait(), 0, "which is sent once more after a restart")
    with open(log, encoding="utf-8") as file:
        is_(file.read(), "build", "and it does not run again")
    bob.kill()


def typed(server):
    """A person's lines are kept, too."""
    spool = folder("typed")
    adam = Terminal(server, "Adam", "--spool", spool, trust="first-use")
    adam.expect(r"Adam-\d+\] ")
    adam.type("Eve: are you there?\r")
    adam.expect(r"no such user; tried again")
    adam.type("exit\r")
    is_(adam.wait(), 12, "a line that was typed, and is not delivered")
    is_(waiting(spool), 1, "is kept")
    eve = receiver(server, "Eve")
    later = sender(server, spool, to=None, state=adam.state)
    later.finish("")
    is_(later.wait(), 0, "and sent by another run")
    is_(texts(eve, 1), ["are you there?"], "as it was typed")
    eve.kill()


def one_at_a_time(server):
    spool = folder("shared")
    first = sender(server, spool)
    first.send("mine")
    first.out.expect(r'"state":"queued"')
    second = sender(server, spool)
    is_(second.wait(), 15, "a spool that another process uses is 15")
    like(second.err.text(), r"spool \S+ is in use.*--spool.*--lock-timeout", "with what would help")
    third = sender(server, spool, "--lock-timeout", "3600")
    first.signal(signal.SIGTERM)
    first.wait()
    third.finish("")
    is_(third.wait(), 12, "--lock-timeout waits for it")


def what_is_refused(server):
    def refused(name, why, prepare):
        spool = folder(name)
        client = sender(server, spool)
        client.finish("x\n")
        client.wait()
        prepare(spool)
        client = sender(server, spool, state=client.state)
        is_(client.wait(), 1, "a spool that is %s is refused" % name)
        like(client.err.text(), why, "with what to do")

    def alter(spool, statement):
        database = sqlite3.connect(os.path.join(spool, "spool.db"))
        database.execute(statement)
        database.commit()
        database.close()

    def damage(spool):
        with open(os.path.join(spool, "spool.db"), "r+b") as file:
            file.seek(100)
            file.write(b"damage" * 600)

    refused("open", r"chmod 700 \S+open", lambda spool: os.chmod(spool, 0o755))
    refused("readable", r"chmod 600 \S+spool\.db", lambda spool: os.chmod(os.path.join(spool, "spool.db"), 0o644))
    refused("newer", r"newer version", lambda spool: alter(spool, "PRAGMA user_version = 2"))
    refused("foreign", r"another program's database", lambda spool: alter(spool, "PRAGMA application_id = 1"))
    refused("damaged", r"is damaged.*\.recover", damage)
    refused("cut", r"spool\.input is damaged.*move it away",
            lambda spool: os.truncate(os.path.join(spool, "spool.input"), 10))
    refused("another's", r"spool\.key is not for this identity",
            lambda spool: write_file(os.path.join(spool, "spool.key"), b"\0" * 256))
    client = sender(server, folder("kept"), "--wait", "sent")
    is_(client.wait(), 1, "--wait sent has no use for a spool")


def secret(server):
    """What lines say is in no file of the folder, once they are in the spool."""
    spool = folder("secret")
    client = sender(server, spool)
    client.finish("%s\n" % "a secret in a line")
    client.wait()
    for name in os.listdir(spool):
        path = os.path.join(spool, name)
        with open(path, "rb") as file:
            unlike(file.read(), b"a secret", "%s does not have the text" % name)
        is_(os.stat(path).st_mode & 0o77, 0, "and is nobody else's")


def no_room(server):
    """A disk that is full, and then is not."""
    place = folder("disk")
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "none", place],
                                           check=False, capture_output=True).returncode != 0:
        skip(4, "no file system can be mounted here")
        return
    try:
        eve = receiver(server, "Eve")
        eve.signal(signal.SIGSTOP)
        spool = os.path.join(place, "spool")
        read, write = os.pipe()
        adam = sender(server, spool, "-W", str(scaled(2)), stdin=read)
        lines = ["%d %s" % (number, BIG) for number in range(60)]

        def feed():
            data = "".join(line + "\n" for line in lines).encode()
            while data:
                data = data[os.write(write, data):]
            os.close(write)

        feeder = threading.Thread(target=feed, daemon=True)
        feeder.start()
        is_(adam.wait(), 2, "a full disk is 2")
        like(adam.err.text(), r"no room on the disk; nothing of it is lost", "and said")
        subprocess.run(["mount", "-o", "remount,size=64m", place], check=True)
        eve.signal(signal.SIGCONT)
        adam = sender(server, spool, stdin=read, state=adam.state)
        is_(adam.wait(), 0, "with more room the next run goes on with the input")
        is_(texts(eve, len(lines)), lines, "and every line comes out once, and in order")
        os.close(read)
        eve.kill()
    finally:
        subprocess.run(["umount", "-l", place], check=False)


def retry():
    """A relay that is started later than its clients."""
    server = Server()
    address, state = server.address, server.state
    server.stop()
    adam = Client(address, "Adam", "--retry", "--wait-ready", reconnect=True)
    eve = Client(address, "Eve", "--receive", "--retry", "-W", str(scaled(1)), reconnect=True)
    for client in (adam, eve):
        client.err.expect(r"cannot connect.*; connecting again")
    Server(listen=(address,), state=state)
    is_(adam.wait(), 0, "with --retry the first connection is waited for")
    eve.err.expect(r"new server")
    is_(Client("127.0.0.1:1", "Adam", "--retry", "-W", str(scaled(1)), "--wait-ready", reconnect=True).wait(), 3,
        "but not for ever")
    is_(Client("127.0.0.1:1", "Adam", "--wait-ready", reconnect=True).wait(), 3, "and without it not at all")
    is_(Client(address, "Adam", "--retry", "--fingerprint", "SHA256:" + "A" * 43, "--to", "Eve", "-m", "x",
               reconnect=True).wait(), 4, "a key that is refused is refused for good")


def or_else(server):
    """--or-else has what has failed for good, and not what is kept."""
    spool = folder("or-else")
    failed = os.path.join(folder(), "failed")
    bob = receiver(server, "Bob", "--from", "Carol")
    adam = sender(server, spool, "--or-else", "cat > %s" % failed, to=None)
    adam.finish("Bob: declined\nNobody: kept\nneither\n")
    is_(adam.wait(), 6, "three lines that were not delivered")
    with open(failed, encoding="utf-8") as file:
        is_(sorted(file.read().splitlines()), ["Bob: declined", "neither"], "of which two have failed, as read")
    is_(waiting(spool), 1, "and one is kept")
    bob.kill()


def main():
    require_cryptography()
    server = Server("--rate=0", "--message-rate=0", *LIFTED)
    kept_and_sent_by_the_next_run(server)
    queued_means_on_the_disk(server)
    statuses(server)
    in_one_run(server)
    several_recipients(server)
    ids_of_ones_own(server)
    a_program_runs_once(server)
    typed(server)
    one_at_a_time(server)
    what_is_refused(server)
    secret(server)
    no_room(server)
    or_else(server)
    retry()


run(main)
