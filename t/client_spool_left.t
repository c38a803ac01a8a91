#!/usr/bin/env python3
"""chatsecure --spool: what a run has read and not yet made lines, and a run with other options.

What is read is bytes. What they mean, and who they are for, the command line says: of that run, and of no other."""

import os
import signal
import sqlite3
import subprocess
import time

from harness import *

NOWHERE = "127.0.0.1:1"


def receiver(server, name):
    client = Client(server, name, "--receive", "--debug", reconnect=True)
    client.err.expect(r"registered as")
    return client


def texts(client, count):
    client.out.wait_lines(count)
    return [line.split("]: ", 1)[1] for line in client.out.so_far().decode().splitlines()]


def held(spool):
    with open(os.path.join(spool, "spool.input"), "rb") as file:
        return file.read()


def leave(spool, text, *options):
    """A run that is killed when it has read TEXT, and can do nothing about it without a relay."""
    client = Client(NOWHERE, "Adam", "--spool", spool, *options, reconnect=True)
    path = os.path.join(spool, "spool.input")
    client.send(text.encode())
    deadline = time.monotonic() + DEADLINE
    while not (os.path.exists(path) and text.encode().strip() in held(spool)):
        if time.monotonic() > deadline:
            raise Failure("it was not read")
        time.sleep(0.01)
    client.kill()
    return client


def sender(server, spool, state, *options, **keywords):
    return Client(server, "Adam", "--spool", spool, *options, state=state, reconnect=True, **keywords)


def for_nobody_else(server):
    """What was read by a run that takes commands is no text for those that another one names, nor the reverse."""
    spool = folder("commands")
    bob, eve = receiver(server, "Bob"), receiver(server, "Eve")
    first = leave(spool, "list\nEve: for Eve\n")
    other = sender(server, spool, first.state, "--to", "Bob")
    other.finish("for Bob\n")
    is_(other.wait(), 1, "what is left is not for a run with --to")
    like(other.err.text(), r"spool\.input.*the same --to", "which says what is to be done")
    message = sender(server, spool, first.state, "--to", "Bob", "-m", "a message")
    is_(message.wait(), 0, "a message on the command line has nothing to do with it")
    is_(texts(bob, 1), ["a message"], "nobody has got what was for somebody else")
    again = sender(server, spool, first.state, stdin=subprocess.DEVNULL)
    is_(again.wait(), 0, "a run as the first one")
    like(again.out.text(), r"\d+ Adam SHA256:", "does what it was told")
    is_(texts(eve, 1), ["for Eve"], "and sends what was read")

    spool = folder("texts")
    first = leave(spool, "Bob: a text for Eve", "--to", "Eve")
    other = sender(server, spool, first.state, stdin=subprocess.DEVNULL)
    is_(other.wait(), 0, "a run without input leaves it alone")
    like(other.err.text(), r"spool\.input.*the same --to", "and says that it is there")
    is_(texts(bob, 1), ["a message"], "it is no command")
    again = sender(server, spool, first.state, "--to", "Eve", stdin=subprocess.DEVNULL)
    is_(again.wait(), 0, "the run as the first one")
    is_(texts(eve, 2)[1:], ["Bob: a text for Eve"], "sends it")
    bob.kill()
    eve.kill()


def not_lost_to_a_single_message(server):
    """With --single all of the input is one message: what is left of another is no part of it, and is not lost."""
    spool = folder("single")
    eve = receiver(server, "Eve")
    first = leave(spool, "a line", "--to", "Eve")
    single = sender(server, spool, first.state, "--to", "Eve", "-s")
    single.finish("several\nlines\n")
    is_(single.wait(), 1, "what is left is no part of one message")
    again = sender(server, spool, first.state, "--to", "Eve", stdin=subprocess.DEVNULL)
    is_(again.wait(), 0, "and is sent")
    is_(texts(eve, 1), ["a line"], "as a line")
    eve.kill()


def the_rest_of_a_long_line(server):
    """A run that was killed inside a line that is too long: its rest is no line."""
    spool = folder("skipping")
    eve = receiver(server, "Eve")
    first = leave(spool, "the rest", "--to", "Eve")
    database = sqlite3.connect(os.path.join(spool, "spool.db"))
    database.execute("UPDATE taken SET skipping = 1")
    database.commit()
    database.close()
    message = sender(server, spool, first.state, "--to", "Eve", "-m", "between")
    is_(message.wait(), 0, "a run that does not read the input")
    again = sender(server, spool, first.state, "--to", "Eve")
    again.finish("a line\n")
    is_(again.wait(), 0, "and one that does, from elsewhere")
    is_(texts(eve, 2), ["between", "a line"], "send no part of the line that was too long")
    eve.kill()


def behind_the_end(server):
    """What stands behind `exit` was not read: it is for the next run, or for --or-else, from its first line on."""
    text = "Eve: before\nexit\nEve: behind\nEve: the last\n"
    spool, rest = folder("exit"), os.path.join(folder(), "rest")
    eve = receiver(server, "Eve")
    first = Client(server, "Adam", "--spool", spool, reconnect=True)
    first.finish(text)
    is_(first.wait(), 6, "lines behind the end")
    is_(texts(eve, 1), ["before"], "are not sent")
    again = sender(server, spool, first.state, stdin=subprocess.DEVNULL)
    is_(again.wait(), 0, "the next run")
    is_(texts(eve, 3), ["before", "behind", "the last"], "sends all of them")
    plain = Client(server, "Adam", "--or-else", "cat > %s" % rest, state=first.state)
    plain.finish(text)
    is_(plain.wait(), 6, "without a spool")
    with open(rest, encoding="utf-8") as file:
        is_(file.read(), "Eve: behind\nEve: the last\n", "--or-else has them")
    eve.kill()


def main():
    require_cryptography()
    server = Server("--rate=0", "--message-rate=0", *LIFTED)
    for_nobody_else(server)
    not_lost_to_a_single_message(server)
    the_rest_of_a_long_line(server)
    behind_the_end(server)


run(main)
