#!/usr/bin/env python3
"""Files on a terminal: offers and answers, and how far they are, above the line being typed.

Each function is a recipe."""

import os
import re

from files import *
from harness import *


def person(server, name, *options):
    terminal = Terminal(server, name, *options, trust="first-use")
    terminal.expect(r"\[%s-\d+\] $" % name)
    return terminal


def offers(server):
    into = new_folder()
    adam, eve = person(server, "Adam"), person(server, "Eve", "--download-dir", into)
    path = write_file("report one.txt", "x" * 1300)
    adam.type("send Eve %s\r" % path)
    eve.expect(r"Adam offers report one\.txt \(1\.2 KiB\): accept 1 \| refuse 1\r\n")
    eve.type("transfers\r")
    eve.expect(r"1 from Adam offered 0% 1\.2 KiB report one\.txt\r\n")
    eve.type("accept 7\r")
    eve.expect(r"not sent: there is no such offer of a file; see transfers\r\n")
    eve.type("refuse 1\r")
    adam.expect(r"report one\.txt to Eve: refused: not wanted\r\n")
    adam.type("send Eve %s\r" % path)
    eve.expect(r"accept 2 \| refuse 2")
    eve.type("accept\r")
    adam.expect(r"Eve accepts report one\.txt\r\n")
    eve.expect(r"Adam sent report one\.txt \(1\.2 KiB\), verified\r\n")
    adam.expect(r"Eve has report one\.txt, verified\r\n")
    is_(content_of(os.path.join(into, "report one.txt")), content_of(path), "the file is there")
    adam.type("send Eve /nonexistent\r")
    adam.expect(r"cannot send /nonexistent: No such file")
    adam.type("send Eve\r")
    adam.expect(r"not sent: write send NAME FILE")
    adam.type("send Adam %s\r" % path)
    adam.expect(r"to Adam: a message to oneself")
    eve.type("transfers\r")
    eve.expect(r"no files are on their way")
    for terminal in (adam, eve):
        terminal.type("exit\r")
        terminal.wait()


def progress():
    """The relay is slow, so that there is something to see."""
    server = Server(*LIFTED, "--rate=2M")
    into = new_folder()
    path = large_file("big.bin", 16 * 1024 * 1024)
    adam, eve = person(server, "Adam"), person(server, "Eve", "--download-dir", into, "--accept-files", "always")
    adam.type("send Eve %s\r" % path)
    adam.expect(r"Eve accepts big\.bin")
    adam.type("Eve: half a li")
    bar = r"^big\.bin +\d+%  \[#* *\](  \d+\.\d [KM]iB/s  \d+:\d\d)?$"
    for terminal, last in ((adam, r"\[Adam-\d+\] Eve: half a li$"), (eve, r"\[Eve-\d+\]$")):
        terminal.expect_screen(r"(?s)" + bar[:-1] + r"\n[^\n]*" + last)
        rows = terminal.screen()
        is_(len([row for row in rows if re.search(r"big\.bin +\d+%", row)]), 1, "there is one line with a bar")
        like(rows[-2], bar, "with how much, how fast and how long, above the prompt")
        like(rows[-1], last, "and what is being typed stays below it")
    eve.type("Adam: meanwhile\r")
    adam.expect(r"\[Eve\]: meanwhile\r\n")
    adam.type("ne\r")
    eve.expect(r"\[Adam\]: half a line\r\n")
    ok(not [row for row in eve.screen()[:-2] if re.search(r"big\.bin +\d+%", row)], "nothing of it is left behind")
    adam.resize(24, 40)
    adam.expect_screen(r"(?s)big\.bin +\d+%[^\n]*\n[^\n]*\[Adam-\d+\]$")
    ok(all(len(row) <= 40 for row in adam.screen()[-2:]), "on a narrower screen it is as narrow")
    adam.type("cancel 1\r")
    adam.expect(r"big\.bin to Eve: cancelled")
    eve.expect(r"big\.bin of Adam: cancelled")
    eve.expect_screen(r"cancelled\n[^\n]*\[Eve-\d+\]$")
    ok(not [row for row in eve.screen() if re.search(r"big\.bin +\d+%", row)], "at the end it is gone")
    is_(os.listdir(into), [], "and so is the file")
    for terminal in (adam, eve):
        terminal.type("exit\r")
        terminal.wait()
    server.stop()


def a_script(server):
    """A script at a terminal shows it too, on standard error; the file names itself."""
    into = new_folder()
    path = large_file("script.bin", 32 * 1024 * 1024)
    eve = receiver(server, "Eve", into)
    adam = Terminal(server, "Adam", "--to", "Eve", "--send", path, trust="first-use")
    adam.expect(rb"script\.bin +\d+%  \[#* *\]")
    is_(adam.wait(), 0, "a script on a terminal sends a file")
    adam.out.text()
    ok(not [row for row in adam.screen() if "script.bin" in row], "and leaves nothing of the bar")
    eve.kill()


def no_folder(server):
    """Who has started it where nothing can be read can chat all the same."""
    if os.geteuid() == 0:
        skip(2, "the superuser can read every folder")
        return
    into, path = new_folder(), write_file("nowhere.txt", "x")
    os.chmod(into, 0o300)
    before = os.getcwd()
    os.chdir(into)
    eve = person(server, "Eve")
    os.chdir(before)
    send(server, path, "Eve", status=5, name="files are refused there", error=r"refused: no files are taken here")
    eve.type("exit\r")
    eve.wait()


def main():
    require_cryptography()
    server = Server(*UNLIMITED)
    offers(server)
    progress()
    a_script(server)
    no_folder(server)


run(main)
