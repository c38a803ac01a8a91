#!/usr/bin/env python3
"""What people complain about in programs of this kind, each of it impossible here.

Each function is a recipe for a script that relies on it."""

import json
import os
import signal

from harness import *
from fake_server import FakeServer


def receiver(server, name, *options, **keywords):
    client = Client(server, name, "--receive", *options, **keywords)
    client.err.expect(r"new server")
    return client


def content(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def states(client):
    return [event["state"] for event in map(json.loads, client.out.lines()) if event["type"] == "status"]


def it_ends_before_its_message_has_left(server):
    """`chatsecure -m TEXT` ends when the message is printed at the other side, and not when it is queued here."""
    path = os.path.join(folder(), "short")
    eve = receiver(server, "Eve", redirect="> " + path)
    for number in range(20):
        adam = Client(server, "Adam", "--to", "Eve", "-m", str(number))
        is_(adam.wait(), 0, "message %d" % number)
        like(content(path), r"\[Adam\]: %d\n\Z" % number, "is there when the sender has ended")
    eve.kill()


def it_says_0_and_nothing_was_delivered(server):
    """`chatsecure ... || other-way` takes the other way."""
    adam = Client(server, "Adam", "--to", "Eve", "-m", "x")
    is_(adam.wait(), 12, "nobody is there")
    mute = receiver(server, "Eve", redirect="> /dev/full")
    adam = Client(server, "Adam", "--to", "Eve", "-m", "x")
    ok(adam.wait() in (11, 12), "somebody is there, and could not write it down")
    is_(mute.wait(), 2, "which is the end of such a receiver")
    stopped = receiver(server, "Eve")
    stopped.signal(signal.SIGSTOP)
    adam = Client(server, "Adam", "--to", "Eve", "-m", "x", "-W", str(scaled(1)))
    is_(adam.wait(), 11, "somebody is there, and does nothing")
    stopped.kill()
    adam = Client("127.0.0.1:1", "Adam", "--to", "Eve", "-m", "x")
    is_(adam.wait(), 3, "there is no server")


def it_hangs_when_the_login_is_refused(server):
    """A refusal ends the program at once, whatever the input does."""
    eve = receiver(server, "Eve")
    other = Client(server, "Eve", identity="mallory", reconnect=True)
    other.finish("Bob: is anybody there?\n")
    is_(other.wait(), 14, "a name that belongs to somebody else")
    stranger = Client(server, "Adam", trust="known", reconnect=True)
    stranger.finish("Eve: x\n")
    is_(stranger.wait(), 4, "a server that is not known")
    fake = FakeServer()
    refused = Client(fake, "Adam", "--receive", reconnect=True)
    session = fake.accept()
    session.take_phase1()
    session.send_line({"type": "error", "code": "denied", "text": "not you"})
    is_(refused.wait(), 5, "a server that does not want this key")
    eve.kill()


def it_loses_the_last_lines(server):
    """`producer | chatsecure --to NAME` delivers what the producer wrote before it ended, with or without a last
    newline, and however much it is."""
    path = os.path.join(folder(), "long")
    eve = receiver(server, "Eve", redirect="> " + path)
    adam = Client(server, "Adam", "--to", "Eve")
    adam.finish("".join("line %d\n" % number for number in range(3000)) + "and the last, without an end")
    is_(adam.wait(), 0, "three thousand lines and one")
    text = content(path)
    is_((text.count("\n"), text.splitlines()[-1].split(": ")[1]), (3001, "and the last, without an end"),
        "are all there when the sender has ended")
    eve.kill()


def its_log_is_in_the_json(server):
    """`chatsecure -o json | jq` never meets a line that is none, not even with --debug, warnings and bad input."""
    eve = receiver(server, "Eve", "-o", "json", "--debug")
    adam = Client(server, "Adam", "-o", "json", "--debug", "--exec", "echo")
    adam.finish("Eve: one\nhelp\nlist\nnonsense\nNobody: x\npeers\nEve,9: y\n\n")
    is_(adam.wait(), 6, "a sender with much to say")
    eve.out.expect(r'"text":"y"')
    eve.signal(signal.SIGTERM)
    is_(eve.wait(), 0, "and a receiver")
    for client in (adam, eve):
        lines = client.out.lines()
        ok(lines and all(isinstance(json.loads(line), dict) for line in lines), "%s: %d lines are all objects" %
           (client.label, len(lines)))
        like(client.err.text(), r"debug", "the log is on stderr")


def its_delivered_means_that_the_server_has_it(server):
    """`sent` is when the relay has it; `delivered` is when the other program has written it down."""
    path = os.path.join(folder(), "unread")
    os.mkfifo(path)
    reader = os.open(path, os.O_RDWR)
    filler = receiver(server, "Eve", redirect="> " + path)
    full = Client(server, "Bob", "--to", "Eve", "-W", str(scaled(2)))
    full.finish(("x" * 1000 + "\n") * 200)
    is_(full.wait(), 11, "a receiver whose output nobody reads")
    adam = Client(server, "Adam", "--to", "Eve", "-m", "x", "-o", "json", "-W", str(scaled(1)))
    is_(adam.wait(), 11, "gives no receipt")
    is_(states(adam), ["queued", "sent", "failed"], "and the message is sent, and not delivered")
    filler.kill()
    os.close(reader)


def one_bad_recipient_hides_the_others(server):
    """Each recipient has a result of its own."""
    eve, bob = receiver(server, "Eve"), receiver(server, "Bob", "--exec", "false")
    adam = Client(server, "Adam", "--to", "Nobody,Eve,Bob", "-m", "x", "--status-fd", "3", redirect="3>&1")
    is_(adam.wait(), 16, "one who is not there, one who has it, one who fails")
    found = [json.loads(line) for line in adam.out.lines()]
    is_({event["to"]: event["state"] for event in found}, {"Nobody": "failed", "Eve": "delivered", "Bob": "failed"},
        "each has its own end")
    like(eve.out.line(), r"\[Adam\]: x$", "and who could have it has it")
    eve.kill()
    bob.kill()


def main():
    require_cryptography()
    server = Server()
    it_ends_before_its_message_has_left(server)
    it_says_0_and_nothing_was_delivered(server)
    it_hangs_when_the_login_is_refused(server)
    it_loses_the_last_lines(server)
    its_log_is_in_the_json(server)
    its_delivered_means_that_the_server_has_it(server)
    one_bad_recipient_hides_the_others(server)


run(main)
