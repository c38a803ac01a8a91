#!/usr/bin/env python3
"""Ten thousand lines of hostile text change nothing on a terminal but lines of text."""

import os
import random
import re
import termios

from harness import *

COUNT = 10000
TICKED, TYPED = 2000, 40
STAMP = r"\[\d\d:\d\d:\d\d\] "

# What a terminal, or the eye, may take for something else than text.
HOSTILE = ("\x1b[2J", "\x1b[1;1H", "\x1b[?1049h", "\x1b]0;title\x07",
           "\x1b]52;c;aGk=\x1b\\", "\x1bP$q\x1b\\",
           "\x1bc", "\x1b[6n", "\x1b[5i", "\x1b", "\x9b2J", "\x90x\x9c", "\x85", "\x84", "\r", "\r\x1b[K",
           "\x08\x08\x08", "\x07",
           "\x0b", "\x0c", "\x0e", "\x0f", "\x05", "\x11", "\x13", "\x7f", "\t", "\u2028", "\u2029",
           "\u202a", "\u202b", "\u202d", "\u202e", "\u2066", "\u2067", "\u2069", "\u200e", "\u200f", "\u061c",
           "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u180e", "\U000e0041", "\U000e0001",
           "\ufff9", "\ufffb", "\ue000", "\uffff", "\U0010ffff", "e\u0301", "\u0301" * 5, "\u4e2d\u6587", "\U0001f600",
           "[Adam]: ", "[00:00:00] [Bob]: ", "\\x1b", "plain")

# What the program may send a terminal: up, down, right, erase below, the brackets of pastes; and what ends a row.
OWN = r"\x1b\[(?:\d+[ABC]|J|\?2004[hl])|\r\n|\r|\n"


def line(chance, number):
    text = "".join(chance.choice(HOSTILE) for _ in range(chance.randrange(1, 8)))
    return "<%d>%s</%d>" % (number, text, number)


def received(terminal, lines):
    """Every line came, whole, in order, and as text."""
    text = re.sub(r"[^\n]*\r\x1b\[J", "", terminal.out.so_far().decode())  # of a row that is erased nothing is seen
    text = re.sub(OWN.replace(r"|\n", ""), lambda match: "\n" if "\n" in match.group() else "", text)
    found = re.findall(r"^%s\[Eve\]: <(\d+)>(.*)</(\d+)>$" % STAMP, text, re.MULTILINE)
    is_([int(head) for head, _, _ in found], list(range(len(lines))), "every line is there once, in order")
    ok(all(head == tail for head, _, tail in found), "and each is whole")
    unlike("".join(body for _, body, _ in found),
           "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
           "\U000e0000-\U000e007f]", "with nothing in it but what can be seen")


def ticked(server, chance):
    """Ticks that are redrawn in the middle of it touch nothing else."""
    adam = Terminal(server, "Adam", trust="first-use")
    eve, bob = (Client(server, name, "--receive") for name in ("Eve", "Bob"))
    for client in (eve, bob):
        client.err.expect("new server")
    adam.expect(r"\[Adam-\d+\] $")
    lines = [line(chance, number) for number in range(TICKED)]
    eve.feed("".join("Adam: %s\n" % text for text in lines), close=False)
    for number in range(TYPED):
        adam.type("Bob: typed %d %s\r" % (number, "\u4e2d" * chance.randrange(1, 60)))
        like(bob.out.line(), r"\]: typed %d " % number, "typed through it")
    adam.expect(r"</%d>\r\n" % (TICKED - 1), timeout=120)
    adam.expect_row(r"\[Adam-\d+\]$")
    adam.type("Bob: the last\r")
    adam.expect_screen(r"Bob: the last \u2713$")

    shown = [re.sub("^" + STAMP, "", row) for row in adam.screen(unwrapped=True)]
    typed = [re.match(r"\[Adam-\d+\] Bob: typed (\d+) \u4e2d*( [\u00b7\u2713])?$", row) for row in shown]
    later = [re.match(r"\u2713 Bob has: typed (\d+) [\u4e2d.]*$", row) for row in shown]
    came = [re.match(r"\[Eve\]: <(\d+)>.*</\1>$", row) for row in shown]
    below = [re.match(r"$| (\u00b7|\u2713)$", row) for row in shown]  # where there was no room behind the line
    own = [re.match(r"new (server|peer) |\w+ joined$|\[Adam-\d+\]( Bob: the last \u2713)?$", row) for row in shown]
    is_([row for row, *known in zip(shown, typed, later, came, below, own) if not any(known)], [],
        "a row is a message, or a line that was typed, or a tick for it")
    is_([int(match.group(1)) for match in came if match], list(range(TICKED)), "every message is whole")
    is_([int(match.group(1)) for match in typed if match], list(range(TYPED)), "and so is every line")
    found = [match.group(2) for match in typed if match] + [match.group(1) for match in below if match]
    is_(sum((mark or "").endswith("\u2713") for mark in found) + sum(map(bool, later)), TYPED,
        "each line has its tick, and one")
    adam.type("exit\r")
    is_(adam.wait(), 0, "the end")
    eve.kill()
    bob.kill()


def main():
    seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
    diag("SEED=%d" % seed)
    chance = random.Random(seed)
    server = Server()
    adam = Terminal(server, "Adam", trust="first-use")
    eve = Client(server, "Eve", "--receive")
    eve.err.expect("new server")
    adam.expect(r"\[Adam-\d+\] $")
    before = termios.tcgetattr(adam._master)
    adam.type("Eve: half a line")
    adam.expect(r"half a line$")

    lines = [line(chance, number) for number in range(COUNT)]
    eve.feed("".join("Adam: %s\n" % text for text in lines), close=False)
    adam.expect(r"</%d>\r\n" % (COUNT - 1), timeout=120)
    adam.expect(r"half a line$")
    left = re.sub(OWN, "", adam.out.so_far().decode())
    unlike(left, r"[\x00-\x1f\x7f-\x9f]", "no control reaches the terminal but the program's own")
    received(adam, lines)
    like(adam.screen()[-1], r"^%s\[Adam-\d+\] Eve: half a line$" % STAMP, "the line that was typed is as it was")
    is_(termios.tcgetattr(adam._master), before, "and so is the terminal's mode")

    # What is typed is no better than what comes.
    adam.type(b"\x15Eve: \xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80")
    adam.expect(r"\\xff\\xfe\\xc0\\xaf")
    adam.type("\r")
    adam.expect(r"not sent: it is not UTF-8")
    adam.type("\x1b[200~Eve: \u202e\x9b2J\u200b\x1b]0;x\x07done\x1b[201~")
    adam.expect(r"done$")
    adam.type("\r")
    like(eve.out.line(), r"\]: \\u\{202e\}\\u\{009b\}2J\\u\{200b\}", "what is pasted is text as well")
    left = re.sub(OWN, "", adam.out.so_far().decode())
    unlike(left, r"[\x00-\x1f\x7f-\x9f]", "and not a control to the terminal")
    adam.type("exit\r")
    is_(adam.wait(), 0, "the end")
    eve.kill()
    ticked(server, chance)


run(main)
