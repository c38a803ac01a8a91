#!/usr/bin/env python3
"""chatsecure ping: how long the way to the relay is, and to a peer behind it.

Each function is a recipe."""

import json
import os
import re
import signal

from harness import *
from harness import CLIENT

MS = r"\d+\.\d{3} ms"


def receiver(server, name):
    client = Client(server, name, "--receive")
    client.err.expect(r"new server")
    return client


def ping(server, name, *options, state="adam"):
    """`chatsecure -n Adam ping NAME RELAY -c N`"""
    argv = [CLIENT, "-n", "Adam", "--state-dir", folder(state), "--identity", key("adam"), "--trust", "first-use",
            "ping", name, server if isinstance(server, str) else server.address, *options]
    return Process(argv, label="ping")


def a_few(server):
    """`chatsecure -n Adam ping Eve RELAY -c 2`"""
    adam = ping(server, "Eve", "-c", "2")
    is_(adam.wait(), 0, "two pings are answered")
    lines = adam.out.lines()
    is_(len(lines), 5, "with a line each, and a summary")
    for number, line in enumerate(lines[:2], 1):
        like(line, r"^Eve %d: relay %s, peer %s$" % (number, MS, MS), "of both round trips")
    is_(lines[2], "Eve: 2 sent, 2 answered, 0% lost", "of how many")
    times = re.compile(r"(\d+\.\d{3}) ms")
    for way, line in (("relay", lines[3]), ("peer", lines[4])):
        like(line, r"^Eve: %s min %s, avg %s, max %s$" % (way, MS, MS, MS), "and how long: " + way)
        least, mean, most = (float(text) for text in times.findall(line))
        measured = sorted(float(times.findall(text)[way == "peer"]) for text in lines[:2])
        is_([least, most], measured, "the least and the most of them")
        ok(least <= mean <= most and mean > 0, "and their mean")


def until_interrupted(server):
    """`chatsecure -n Adam ping Eve RELAY`, and Ctrl-C."""
    adam = ping(server, "Eve")
    adam.out.expect(r"^Eve 2: ")
    adam.signal(signal.SIGINT)
    is_(adam.wait(), 0, "Ctrl-C ends it; all were answered")
    like(adam.out.text(), r"^Eve: \d+ sent, \d+ answered, 0% lost$", "with the summary")


def as_events(server):
    """`chatsecure -n Adam -o json ping Eve RELAY -c 2`"""
    adam = ping(server, "eve", "-c", "2", "-o", "json")
    is_(adam.wait(), 0, "as events")
    found = [json.loads(line) for line in adam.out.lines()]
    is_([event["type"] for event in found], ["ready", "peer", "ping", "ping", "pinged", "end"], "a ping is one")
    first, second, total = found[2:5]
    is_([(event["to"], event["number"]) for event in (first, second)], [("eve", 1), ("eve", 2)], "with its number")
    ok(all(0 < event["relay"] and 0 < event["peer"] for event in (first, second)), "and microseconds")
    is_((total["sent"], total["answered"]), (2, 2), "the summary too")
    for way in ("relay", "peer"):
        took = sorted(event[way] for event in (first, second))
        is_([total[way]["min"], total[way]["max"]], took, "with the least and the most: " + way)
        ok(abs(total[way]["avg"] - sum(took) / 2) <= 1, "and the mean")


def as_lines(server, eve):
    """`ping Eve` among other lines."""
    adam = Client(server, "Adam")
    adam.finish("ping Eve\nEve: after it\nping Eve 0\nping Eve x\nping Adam\nping 9\nping Eve 1 2\n")
    is_(adam.wait(), 6, "a line among others, and some that are none")
    like(adam.out.text(), r"\AEve 1: relay %s, peer %s\nEve: 1 sent, 1 answered, 0%% lost\n" % (MS, MS),
         "pings once")
    like(eve.out.line(), r"\[Adam\]: after it$", "what follows is sent")
    for text in (r"line 3: write ping NAME \[N\]", r"line 4: write ping", r"ping: that is oneself",
                 r"ping: not a name", r"line 7: the command is: ping NAME \[N\]"):
        like(adam.err.text(), text, "what is none is told")


def on_a_terminal(server):
    """Typing goes on while it runs."""
    adam = Terminal(server, "Adam", trust="first-use")
    adam.expect(r"\[Adam-\d+\] ")
    adam.type("ping Eve 1000\r")
    adam.expect(r"Eve 1: relay %s, peer %s" % (MS, MS))
    adam.type("ping Eve\r")
    adam.expect(r"not sent: another ping is not done yet")
    adam.type("\x03")
    adam.expect(r"\d+ sent, \d+ answered, 0% lost")
    is_(adam.wait(), 0, "Ctrl-C ends it")


def nobody(server):
    """12: nobody of that name is connected."""
    adam = ping(server, "Nobody", "-c", "1")
    is_(adam.wait(), 12, "nobody of that name")
    like(adam.err.text(), r"^chatsecure: ping Nobody: no such user$", "is told")
    is_(adam.out.text(), "", "without a summary of nothing")


def another_key(server):
    """4: the peer has another key than the one on file."""
    write_file(os.path.join(folder("wary"), "known_peers"), "Eve SHA256:" + "A" * 43 + "\n")
    adam = ping(server, "Eve", "-c", "1", state="wary")
    is_(adam.wait(), 4, "a changed key")
    like(adam.err.text(), r"^chatsecure: ping Eve: the peer's key is not trusted$", "is told")
    is_(adam.out.text(), "", "and no ping was sent")


def no_answers(server):
    """11: some were not answered."""
    bob = receiver(server, "Bob")
    adam = ping(server, "Bob", "-c", "3", "-W", str(scaled(1)))
    adam.out.expect(r"^Bob 1: relay %s, peer %s$" % (MS, MS))
    bob.signal(signal.SIGSTOP)
    is_(adam.wait(), 11, "a peer that answers no more")
    like(adam.out.text(), r"^Bob 2: relay %s, peer no answer\nBob 3: relay %s, peer no answer$" % (MS, MS),
         "has its lines, with the relay's times")
    like(adam.out.text(), r"^Bob: 3 sent, 1 answered, 66% lost$", "and its summary")
    like(adam.err.text(), r"^chatsecure: ping Bob: 2 of 3 without an answer$", "which is told")
    adam = ping(server, "Bob", "-c", "1", "-W", str(scaled(1)))
    is_(adam.wait(), 11, "one that never answers")
    like(adam.err.text(), r"^chatsecure: ping Bob: no answer in time$", "is told")
    bob.kill()


def who_leaves(server):
    """12 again: the peer left meanwhile."""
    bob = receiver(server, "Bob")
    adam = ping(server, "Bob")
    adam.out.expect(r"^Bob 1: ")
    bob.close_stdin()
    bob.signal(signal.SIGTERM)
    bob.wait()
    is_(adam.wait(), 12, "a peer that left")
    like(adam.out.text(), r"^Bob: \d+ sent, \d+ answered, ", "has its summary")


def a_lost_server():
    """3: the relay is lost."""
    server = Server()
    eve = receiver(server, "Eve")
    adam = ping(server, "Eve", state="elsewhere")
    adam.out.expect(r"^Eve 1: ")
    server.kill()
    is_(adam.wait(), 3, "a lost server")
    like(adam.out.text(), r"^Eve: \d+ sent, \d+ answered, ", "has its summary")
    eve.wait()
    is_(ping("127.0.0.1:1", "Eve").wait(), 3, "one that is not there")


def nothing_else(server):
    """Who writes meanwhile is told that nobody reads it."""
    adam = ping(server, "Eve")
    adam.out.expect(r"^Eve 1: ")
    bob = Client(server, "Bob", "--to", "Adam", "-m", "hello")
    is_(bob.wait(), 5, "a message to who pings is not taken")
    adam.signal(signal.SIGINT)
    is_(adam.wait(), 0, "the pings go on")
    unlike(adam.out.text(), r"hello", "and nothing else is there")


def usage(server):
    for options, text in (([], r"--name"), (["-n", "Adam", "-c", "0"], r"--count")):
        adam = Process([CLIENT, "--state-dir", folder("adam"), *options, "ping", "Eve", server.address])
        is_(adam.wait(), 1, "usage")
        like(adam.err.text(), text, "is told")
    is_(ping(server, "9").wait(), 1, "no name")


def main():
    require_cryptography()
    server = Server()
    eve = receiver(server, "Eve")
    a_few(server)
    until_interrupted(server)
    as_events(server)
    as_lines(server, eve)
    on_a_terminal(server)
    nobody(server)
    another_key(server)
    no_answers(server)
    who_leaves(server)
    nothing_else(server)
    usage(server)
    eve.kill()
    a_lost_server()


run(main)
