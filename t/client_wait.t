#!/usr/bin/env python3
"""chatsecure --wait, --ttl and read receipts: how far a message must have come, and for how long it is good.

Each function is a recipe."""

import json
import signal

from harness import *


def receiver(server, name, *options, **keywords):
    client = Client(server, name, "--receive", *options, **keywords)
    client.err.expect(r"new server")
    return client


def person(server, name, *options):
    """Somebody at a terminal."""
    terminal = Terminal(server, name, *options, trust="first-use")
    terminal.expect(r"\[%s-\d+\] " % name)
    return terminal


def send(server, *options, data=None, status=0, name="", error=None):
    adam = Client(server, "Adam", *options)
    if data is not None:
        adam.finish(data)
    is_(adam.wait(), status, name)
    if error:
        like(adam.err.text(), error, "stderr says why")
    return adam


def states(client):
    return [event["state"] for event in map(json.loads, client.out.lines()) if event["type"] == "status"]


def read_by_a_person(server):
    eve = person(server, "Eve")
    adam = send(server, "--to", "Eve", "-m", "look", "--wait", "read", "-o", "json", name="a person was shown it")
    is_(states(adam), ["queued", "sent", "delivered", "read"], "which is a state of its own")
    eve.expect(r"\[Adam\]: look")
    eve.type("exit\r")
    is_(eve.wait(), 0, "she leaves")


def not_read(server):
    quiet = person(server, "Eve", "--no-read")
    adam = send(server, "--to", "Eve", "-m", "look", "--wait", "read", "-W", str(scaled(1)), "-o", "json", status=11,
                name="--no-read tells nobody", error=r"line 1 to Eve: delivered, but not read")
    is_(states(adam), ["queued", "sent", "delivered", "failed"], "it was delivered all the same")
    quiet.type("exit\r")
    is_(quiet.wait(), 0, "she leaves")
    bob = receiver(server, "Bob")
    send(server, "--to", "Bob", "-m", "look", "--wait", "read", "-W", str(scaled(1)), status=11,
         name="a program reads nothing",
         error=r"line 1 to Bob: delivered, but not read")
    adam = Client(server, "Adam", "--to", "Bob", "--wait", "read", "-W", str(scaled(1)))
    adam.send("one")
    adam.err.expect(r"line 1 to Bob: delivered, but not read in time")
    adam.finish("two\n")
    is_(adam.wait(), 11, "each has a time of its own while the input goes on")
    adam = Client(server, "Adam", "--to", "Bob", "--wait", "read", "--status-fd", "3", redirect="3>&1")
    adam.send("stuck")
    adam.out.expect(r'"delivered"')
    adam.signal(signal.SIGTERM)
    is_(adam.wait(), 11, "a signal ends the waiting")
    like(adam.err.text(), r"line 1 to Bob: delivered, but not read$", "and the line is named")
    send(server, "--to", "Bob", "-m", "look", name="to be delivered is the default")
    bob.kill()


def sent_is_enough():
    """Nobody answers, and nobody is waited for."""
    server = Server()
    eve = receiver(server, "Eve")
    warm = Client(server, "Adam", "--to", "Eve", "--wait", "sent", "-o", "json")
    warm.send("first")
    warm.out.expect(r'"state":"sent"')
    eve.out.wait_lines(1)
    eve.signal(signal.SIGSTOP)
    warm.finish("second\n")
    is_(warm.wait(), 0, "with --wait sent the program ends when the relay has it")
    is_(states(warm).count("sent"), 2, "both went out")
    eve.signal(signal.SIGCONT)
    eve.out.wait_lines(2)
    like(eve.out.so_far(), rb"\[Adam\]: second\n", "and it is not lost on the way out")
    send(server, "--to", "Nobody", "-m", "x", "--wait", "sent", status=12, name="one who is not there is still told",
         error=r"line 1 to Nobody: no such user")


def its_time_is_over(server):
    """An alert that is no use tomorrow."""
    eve = receiver(server, "Eve")
    adam = Client(server, "Adam", "--ttl", str(scaled(1)), "-o", "json", "--to", "Eve")
    adam.send("in time")
    adam.out.expect(r'"delivered"')
    eve.signal(signal.SIGSTOP)
    adam.finish("too late\n")
    is_(adam.wait(), 11, "a message that is not delivered in its time")
    is_(states(adam)[-2:], ["sent", "expired"], "expires")
    like(adam.err.text(), r"line 2 to Eve: expired before it was delivered$", "which is said")
    eve.signal(signal.SIGCONT)
    other = Client(server, "Bob", "--to", "Eve", "-m", "after")
    is_(other.wait(), 0, "the receiver goes on")
    eve.out.expect(r"\[Bob\]: after\n")
    unlike(eve.out.so_far(), rb"too late", "and has not handed on what had expired")


def usage(server):
    for options in (["--wait", "ever"], ["--ttl", "0"], ["--ttl", "x"]):
        send(server, *options, status=1, name="%s %s" % tuple(options), error=options[0])


def main():
    require_cryptography()
    server = Server()
    read_by_a_person(server)
    not_read(server)
    sent_is_enough()
    its_time_is_over(server)
    usage(server)


run(main)
