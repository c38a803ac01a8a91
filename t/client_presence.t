#!/usr/bin/env python3
"""Who is there: who joined and left, who is away, and what that makes of messages that are to be read.

Each function is a recipe; the rows are those of the screen."""

import json
import re

from harness import *

STAMP = r"\[\d\d:\d\d:\d\d\] "


def person(server, name, *options):
    """Somebody at a terminal."""
    terminal = Terminal(server, name, *options, trust="first-use")
    terminal.expect(r"\[%s-\d+\] $" % name)
    return terminal


def program(server, name, *options):
    """A program that takes JSON and gives it."""
    client = Client(server, name, "--receive", "-o", "json", "-i", "json", *options)
    client.out.expect(r'"ready"')
    return client


def leave(*terminals):
    for terminal in terminals:
        terminal.type("\x15exit\r")
        is_(terminal.wait(), 0, "the end")


def events(client, kind):
    return [event for event in map(json.loads, client.out.so_far().splitlines()) if event["type"] == kind]


def states(client, name):
    return [event["state"] for event in events(client, "peer") if event["name"] == name]


def rows(terminal):
    found = (re.sub("^" + STAMP, "", row) for row in terminal.screen())
    return [re.sub(r"^\[(\w+)-\d+", r"[\1", row) for row in found if not re.match(r"new (server|peer) ", row)]


def joined_and_left(server):
    """A peer is seen when a session with it begins, and when it leaves, be it in peace or by kill -9."""
    adam, bot = person(server, "Adam"), program(server, "Bot")
    for way, reason in (("exit", "bye"), ("kill", r"\w+")):
        eve = Client(server, "Eve", "--receive")
        eve.err.expect("new server")
        eve.send("Adam,Bot: hello")
        adam.expect_screen(r"^Eve joined$")
        adam.expect(r"\[Eve\]: hello\r\n")
        bot.out.expect(r'"hello"')
        if way == "exit":
            eve.send("exit")
            is_(eve.wait(), 0, "she leaves")
        else:
            eve.expected_signals = {9}
            eve.signal(9)
        adam.expect(r"Eve left: %s\r\n" % reason)
        adam.expect_row(r"\[Adam-\d+\]$")
        bot.out.expect(r'"state":"left"')
        like("\n".join(rows(adam)[-3:]), r"\A\[Eve\]: hello\nEve left: %s\n\[Adam\]\Z" % reason, "it is seen: " + way)
    is_(states(bot, "Eve"), ["session", "left"] * 2, "and told to programs")
    bot.send(json.dumps({"to": "Adam", "text": "hello"}))
    adam.expect(r"Bot joined")
    leave(adam)
    bot.kill()


def away(server):
    """Nobody is there: it is told once to each, and again to who writes."""
    adam, eve, bot, new = person(server, "Adam"), person(server, "Eve"), program(server, "Bot"), program(server, "New")
    adam.type("Eve,Bot: hello\r")
    adam.expect_screen("hello ✓✓? [12]/2$")
    adam.type("away lunch\u202e\x1b[200~\x9b2J\x1b[201~\r")
    adam.expect_row(r"^%s\[Adam-\d+ away\]$" % STAMP)
    reached("the prompt shows that one is away")
    eve.expect(r"Adam is away: lunch\\u\{202e\}\\u\{009b\}2J\r\n")
    reached("a peer sees it, escaped")
    bot.out.expect(r'"state":"away"')
    event = events(bot, "peer")[-1]
    is_((event["name"], event["text"]), ("Adam", "lunch\u202e\x9b2J"), "a program has it whole")
    adam.type("away lunch\u202e\x1b[200~\x9b2J\x1b[201~\r")
    eve.type("Adam: one\r")
    adam.expect(r"\[Eve\]: one\r\n")
    eve.expect_screen(r"\] Adam: one ✓$")
    is_(sum(row.startswith("Adam is away: lunch") for row in rows(eve)), 2,
        "it is not told twice, but once more to who writes")
    reached("who is away has messages delivered, and does not read them")
    new.send(json.dumps({"to": "Adam", "text": "first"}))
    new.out.expect(r'"state":"away"')
    new.out.expect(r'"state":"delivered"')
    reached("a session that begins meanwhile is told as well")
    adam.type("back\r")
    adam.expect_row(r"^%s\[Adam-\d+\]$" % STAMP)
    eve.expect(r"Adam is back\r\n")
    eve.expect_screen(r"\] Adam: one ✓✓$")
    reached("and who is back has read them")
    new.out.expect(r'"state":"read"')
    is_([event["state"] for event in events(new, "status")], ["queued", "sent", "delivered", "read"],
        "which is told without --wait read, however late")
    bot.out.expect(r'"state":"here"')
    is_(states(bot, "Adam"), ["session", "away", "here"], "once per change")
    adam.type("away\r")
    eve.expect(r"Adam is away\r\n")
    bot.send(json.dumps({"command": "away from here"}))
    adam.expect(r"Bot is away: from here\r\n")
    bot.send(json.dumps({"command": "back"}))
    adam.expect(r"Bot is back\r\n")
    adam.type("away %s\r" % ("x" * 257))
    adam.expect(r"not sent: away takes at most 256 bytes of text")
    adam.type("away %s\r" % ("y" * 256))
    eve.expect(r"Adam is away: y{256}")
    reached("the longest text")
    leave(adam)
    adam = person(server, "Adam", "--no-read")
    adam.type("Eve: again\r")
    eve.expect(r"\[Adam\]: again\r\n")
    eve.type("Adam: two\r")
    eve.expect_screen(r"\] Adam: two ✓$")
    is_(rows(eve)[-2:], ["[Eve] Adam: two ✓", "[Eve]"], "a session anew is of somebody who is there")
    adam.type("away\r")
    eve.expect(r"Adam is away\r\n")
    eve.type("Adam: three\r")
    adam.expect(r"\[Eve\]: three\r\n")
    adam.type("back\r")
    eve.expect(r"Adam is back\r\n")
    eve.expect_screen(r"\] Adam: three ✓$")
    reached("with --no-read nothing is read, later either")
    leave(adam, eve)
    bot.kill()
    new.kill()


def not_wanted(server):
    """Whose messages are not taken says nothing with being away either."""
    bot = program(server, "Bot", "--from", "Adam")
    for name in ("Eve", "Adam"):
        terminal = person(server, name)
        terminal.type("Bot: hello\r")
        terminal.expect(r"Bot joined")
        terminal.type("away lunch of %s\r" % name)
        terminal.expect(r"away\]")
        terminal.type("ping Bot\r")
        terminal.expect(r"peer \d")
        terminal.type("exit\r")
        is_(terminal.wait(), 5 if name == "Eve" else 0, "the text of %s is declined, or not" % name)
    bot.out.expect(r"lunch of Adam")
    is_([event["name"] for event in events(bot, "peer") if event["state"] == "away"], ["Adam"],
        "who is wanted is away")
    bot.kill()


def main():
    require_cryptography()
    server = Server()
    joined_and_left(server)
    away(server)
    not_wanted(server)


run(main)
