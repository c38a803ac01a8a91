#!/usr/bin/env python3
"""Ticks behind one's own lines: sent, delivered, read; redrawn in place while the line can be reached, and told in a
line of their own afterwards.

Each function is a recipe; the rows are those of the screen."""

import os
import re
import signal

from harness import *

TERMINAL_MARK_COLUMNS = 4  # that are always free behind a line
STAMP = r"\[\d\d:\d\d:\d\d\] "


def person(server, name, *options, **changes):
    """Somebody at a terminal."""
    terminal = Terminal(server, name, *options, trust="first-use", env=environment(**changes))
    terminal.expect(r"\[%s-\d+\] $" % name)
    return terminal


def program(server, name):
    client = Client(server, name, "--receive")
    client.err.expect("new server")
    return client


def leave(*terminals, status=0):
    for terminal in terminals:
        terminal.type("\x15exit\r")
        is_(terminal.wait(), status, "the end")


def warm(terminal, *names):
    """Begins the sessions."""
    for name in names:
        terminal.type("%s: hello\r" % name)
        terminal.expect_screen(r"\] %s: hello ✓+$" % name)


def rows(terminal):
    """Without what changes from run to run: times, numbers of sessions, keys."""
    found = (re.sub("^" + STAMP, "", row) for row in terminal.screen())
    return [re.sub(r"^\[(\w+)-\d+\]", r"[\1]", row) for row in found if not re.match(r"new (server|peer) ", row)]


def states(server):
    """Sent, delivered, read."""
    adam, eve, bob = person(server, "Adam"), person(server, "Eve"), program(server, "Bob")
    adam.type("Eve: hello\r")
    adam.expect_screen(r"\] Eve: hello ✓✓$")
    reached("shown to a person")
    adam.type("Bob: hello\r")
    adam.expect_screen(r"\] Bob: hello ✓$")
    reached("handed on by a program")
    bob.signal(signal.SIGSTOP)
    adam.type("Bob: wait\r")
    adam.expect_screen(r"\] Bob: wait ·$")
    adam.type("Bob: half a li")
    eve.type("Adam: in between\r")
    adam.expect(r"in between\r\n")
    adam.expect_row(r"Bob: half a li$")
    is_(rows(adam)[-3:], ["[Adam] Bob: wait ·", "[Eve]: in between", "[Adam] Bob: half a li"], "sent, and no more")
    bob.signal(signal.SIGCONT)
    adam.expect_screen(r"\] Bob: wait ✓$")
    is_(rows(adam)[-3:], ["[Adam] Bob: wait ✓", "[Eve]: in between", "[Adam] Bob: half a li"],
        "a tick that comes late changes nothing but itself")
    adam.type("\x1b[D\x1b[D\x1b[D")
    bob.signal(signal.SIGSTOP)
    eve.type("Adam: once more\r")
    adam.expect(r"once more\r\n")
    adam.type(" fee\x05ne\r")
    adam.expect_screen(r"\] Bob: half a fee line ·$")
    bob.signal(signal.SIGCONT)
    adam.expect_screen(r"\] Bob: half a fee line ✓$")
    reached("the cursor is where it was")
    adam.type("Nobody: hello\r")
    adam.expect_screen(r"\] Nobody: hello ✗$")
    ok("no such user: Nobody" in rows(adam), "what has failed is named, and marked")
    adam.type("help\r")
    adam.expect_screen(r"\] help$")
    reached("a command has no tick")
    leave(adam, status=12)
    leave(eve)
    bob.kill()


def several(server):
    """A line to more than one counts them."""
    adam, eve, bob, cem = person(server, "Adam"), person(server, "Eve"), program(server, "Bob"), program(server, "Cem")
    warm(adam, "Cem")
    cem.signal(signal.SIGSTOP)
    adam.type("Eve,Bob,Cem: all of you\r")
    adam.expect_screen(r"all of you ✓ 2/3$")
    reached("two of three have it")
    cem.signal(signal.SIGCONT)
    adam.expect_screen(r"all of you ✓✓ 1/3$")
    reached("all have it, and one was shown it")
    adam.type("Eve,Nobody: both of you\r")
    adam.expect_screen(r"both of you ✗ 1/2$")
    reached("one has it, and the other will not")
    leave(adam, status=12)
    leave(eve)
    bob.kill()
    cem.kill()


def shapes(server):
    """Wide characters, wrapped lines, and the right edge."""
    adam, eve = person(server, "Adam"), program(server, "Eve")
    warm(adam, "Eve")
    prompt = len(re.search(r"\[..:..:..\] \[Adam-\d+\] ", adam.screen()[-1] + " ").group())
    room = 80 - prompt - len("Eve: ")
    for text, marked in (("中文 e\u0301 ü", "中文 e\u0301 ü ·"), ("中" * (room // 2 - 2), "中" * (room // 2 - 2) + " ·"),
                         ("z" * (room - 4), "z" * (room - 4) + " ·"), ("y" * (room - 3), "y" * (room - 3) + "\n ·"),
                         ("x" * (room - 1), "x" * (room - 1) + "\n ·"), ("w" * room, "w" * room + "\n ·"),
                         ("v" * (room + 1), "v" * room + "\nv ·"),
                         ("u" * (room + 80), "u" * room + "\n" + "u" * 80 + "\n ·"),
                         ("t" * (room + 300), "\n" + "t" * 60 + " ·")):
        eve.signal(signal.SIGSTOP)
        adam.type("Eve: %s\r" % text)
        adam.expect_screen(re.escape(marked) + "$")
        adam.type("Eve: the next")
        adam.expect_row(r"Eve: the next$")
        eve.signal(signal.SIGCONT)
        adam.expect_screen(re.escape(marked[:-1]) + "✓$")
        like(rows(adam)[-1], r"^\[Adam\] Eve: the next$", "%d columns of %s" % (len(text), text[:3]))
        ok(not any("·" in row for row in rows(adam)), "each tick is in its place")
        adam.type("\x15")
    leave(adam)
    eve.kill()


def out_of_reach(server):
    """What has scrolled away, and what is above a resize or a text of which nobody knows how wide it is."""
    adam, eve, bob = person(server, "Adam"), program(server, "Eve"), program(server, "Bob")
    warm(adam, "Eve", "Bob")

    def late(text, between, name):
        eve.signal(signal.SIGSTOP)
        adam.type("Eve: %s\r" % text)
        adam.expect_screen(re.escape(text) + " ·$")
        between()
        before = rows(adam)[:-1]
        eve.signal(signal.SIGCONT)
        adam.expect_screen("^✓ Eve has: %s$" % re.escape(text))
        is_(rows(adam)[:-1], before + ["✓ Eve has: " + text], name)

    def resize():
        adam.resize(24, 40)
        adam.expect_row(r"\[Adam-\d+\]$")
        adam.expect(r"\r\x1b\[J")

    def message(text):
        bob.send("Adam: " + text)
        adam.expect(re.escape(text) + "\r\n")
        adam.expect_row(r"\[Adam-\d+\]$")

    def scroll():
        for number in range(24):
            message("scroll %d" % number)

    def stop():
        adam.signal(signal.SIGTSTP)
        os.waitpid(adam.pid, os.WUNTRACED)
        adam.signal(signal.SIGCONT)
        adam.expect_row(r"\[Adam-\d+\]$")

    late("scrolled", scroll, "a line that has scrolled away is not touched")
    late("resized", resize, "nor one above a resize")
    late("stopped", stop, "nor one above what the shell may have shown")
    adam.type("Eve: again\r")
    adam.expect_screen(r"\] Eve: again ✓$")
    reached("the next line has its tick again")
    late("unsure", lambda: message("a" * 20 + "\U0001f468\U0001f3fd"), "nor one above a text of unknown height")
    eve.signal(signal.SIGSTOP)
    adam.type("Eve: sure\r")
    adam.expect_screen(r"\] Eve: sure ·$")
    message("\U0001f468\U0001f3fd fits")
    eve.signal(signal.SIGCONT)
    adam.expect_screen(r"\] Eve: sure ✓$")
    reached("a picture that fits into its row is none")
    adam.type("Eve: \U0001f468\U0001f3fd mine\r")
    adam.expect_screen("^✓ Eve has: .*mine$")
    reached("behind a text of unknown width no tick is put")
    prompt = len(adam.screen()[-1] + " ")
    adam.type("Eve,Bob: %s\r" % ("b" * (40 - prompt - len("Eve,Bob: ") - TERMINAL_MARK_COLUMNS - 1)))
    adam.expect_screen("^✓ all 2 have: b+$")
    reached("nor where there is no room")
    leave(adam)
    eve.kill()
    bob.kill()


def looks(server):
    """Colours, plain ASCII, and a terminal without cursor movement."""
    eve = person(server, "Eve")
    green = person(server, "Adam", NO_COLOR="")
    green.type("Eve: green\r")
    green.expect_screen(r"\] Eve: green ✓✓$")
    like(green.out.so_far(), r" \x1b\[32m✓✓\x1b\[m\r", "colours where there are some")
    leave(green)
    ascii = person(server, "Adam", LC_ALL="C")
    ascii.type("Eve: plain\r")
    ascii.expect_screen(r"\] Eve: plain \+\+$")
    ascii.type("Nobody: plain\r")
    ascii.expect_screen(r"\] Nobody: plain x$")
    unlike(ascii.out.so_far(), rb"[\x80-\xff]|\x1b\[\d*m", "ASCII where the locale has no more, and no colours")
    leave(ascii, status=12)
    dumb = person(server, "Adam", TERM="dumb")
    dumb.type("Eve: dumb\n")
    dumb.expect("✓✓ Eve read: dumb\r\n".encode())
    dumb.type("exit\n")
    is_(dumb.wait(), 0, "without cursor movement it is a line")
    early = person(server, "Adam", "--wait", "sent")
    early.type("Eve: early\r")
    early.expect_screen(r"\] Eve: early ✓✓$")
    reached("what is not waited for is shown all the same")
    leave(early, eve)


def main():
    require_cryptography()
    server = Server()
    states(server)
    several(server)
    shapes(server)
    out_of_reach(server)
    looks(server)


run(main)
