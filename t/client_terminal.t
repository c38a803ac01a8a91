#!/usr/bin/env python3
"""chatsecure on a terminal: questions, the prompt, typing while messages arrive, and nothing raw on the screen."""

import os
import re
import signal
import termios

from harness import *
from fake_server import FakeServer

STAMP = r"\[\d\d:\d\d:\d\d\] "
HOSTILE = "\x1b[2J\x1b]0;title\x07\x9b31m\u202egnp.exe\u200bzero\u2066x\rback\x08\x7f"


def modes(terminal):
    return termios.tcgetattr(terminal._master)[:4]


def shows(terminal, pattern, name):
    """The last line of the screen."""
    return like(terminal.screen()[-1], pattern, name)


def questions(server):
    adam = Terminal(server, None, identity="adam")
    adam.expect(r"Name: ")
    adam.type("9lives\r")
    adam.expect(r"A name begins with a letter")
    adam.expect(r"Name: ")
    adam.type("Adam\r")
    adam.expect(r"The server %s is not known yet" % re.escape(server.address))
    adam.expect(re.escape(server.fingerprint))
    adam.expect(r"yes, no or the fingerprint")
    adam.type("yes\r")
    adam.expect(STAMP + r"\[Adam-\d+\] ")
    adam.type("exit\r")
    is_(adam.wait(), 0, "a name and a yes")
    again = Terminal(server, "Adam", state=adam.state)
    again.expect(r"\[Adam-\d+\] ")
    unlike(again.out.so_far(), "not known", "the server is known from then on")
    again.type("\x04")
    is_(again.wait(), 0, "Ctrl-D on an empty line is the end")

    for answer, status in ((server.fingerprint + "\r", 0), ("no\r", 4), ("y\r", 4), ("YES\r", 4), ("\r", 4),
                           (server.fingerprint[:-1] + "\r", 4), ("\x04", 4), ("\x03", 4)):
        terminal = Terminal(server, "Adam")
        terminal.expect(r"fingerprint\)\? ")
        terminal.type(answer)
        if status == 0:
            terminal.expect(r"\[Adam-\d+\] ")
            terminal.type("quit\r")
        is_(terminal.wait(), status, "the answer %r" % answer)
        is_(os.path.exists(os.path.join(terminal.state, "known_servers")), status == 0, "is remembered if it is a yes")

    other = Server(identity="mallory")
    with open(os.path.join(again.state, "known_servers"), "w", encoding="utf-8") as file:
        file.write("%s %s\n" % (other.address, server.fingerprint))
    changed = Terminal(other, "Adam", state=again.state)
    is_(changed.wait(), 4, "a changed key is no question")
    like(changed.out.text(), r"known_servers:1 has", "the place is shown")

    nameless = Terminal(server, None)
    nameless.expect(r"Name: ")
    nameless.type("\x04")
    is_(nameless.wait(), 1, "no name")


def slow_thinker():
    """The server gives up while the person compares fingerprints."""
    fake = FakeServer()
    adam = Terminal(fake, "Adam")
    session = fake.accept()
    session.take_phase1()
    session.send_line(session.phase2())
    adam.expect(r"fingerprint\)\? ")
    session.send_line({"type": "error", "code": "timeout", "text": "too slow"})
    session.close()
    adam.type("yes\r")
    session = fake.accept().handshake()
    adam.expect(r"\[Adam-7\] ")
    reached("a late yes connects anew")
    adam.type("exit\r")
    is_(session.receive()["type"], "bye", "and the session works")
    session.send({"type": "bye"})
    session.close()
    is_(adam.wait(), 0, "to its end")


def chat(server):
    adam, eve = (Terminal(server, name, trust="first-use") for name in ("Adam", "Eve"))
    for terminal in (adam, eve):
        terminal.expect(r"\[%s-\d+\] $" % terminal.label.split()[-1])
    before = modes(adam)
    adam.type("Eve: hello\r")
    eve.expect(STAMP + r"\[Adam\]: hello\r\n")
    eve.expect(r"\[Eve-\d+\] $")
    eve.type("Adam: half a li")
    eve.expect(r"half a li$")
    adam.type("Eve: in between\r")
    eve.expect(r"\[Adam\]: in between\r\n")
    eve.expect(r"half a li$")
    is_([re.sub("^" + STAMP, "", line) for line in eve.screen()][-3:],
        ["[Adam]: hello", "[Adam]: in between", "[Eve-%s] Adam: half a li" % session_number(eve)],
        "what arrives stands above the line being typed")
    eve.type("\x01\x1b[C\x1b[C")
    eve.type("\x05ne\r")
    adam.expect(STAMP + r"\[Eve\]: half a line\r\n")
    eve.expect_row(r"\[Eve-\d+\]$")
    shows(eve, r"^%s\[Eve-\d+\]$" % STAMP, "and is sent whole")

    adam.type("help\r")
    for word in (b"help", b"list", b"exit", b"quit"):
        adam.expect(rb"^" + word + rb" ")
    adam.type("list\r")
    adam.expect(r"\d+ Adam SHA256:\S{43} \S+Z\r\n\d+ Eve SHA256:")
    adam.type("exti\r")
    adam.expect(r"not sent: exti: did you mean exit\?")
    adam.type("/exti\r")
    adam.expect(r"not sent: exti: did you mean exit\?")
    adam.type("/Eve: exti\r")
    adam.expect(r"not sent: neither a command nor NAME: text")
    adam.type("/help\r")
    adam.expect(r"quit +the same as exit")
    adam.type("Nobody: hello\r")
    adam.expect(r"no such user: Nobody")
    adam.type("Adam: hello\r")
    adam.expect(r"not sent to Adam: a message to oneself")
    unlike(eve.out.so_far(), "exti", "a mistyped command goes to nobody")

    eve.type("Adam: one\rAdam: two\rAdam: thr")
    adam.expect(r"\[Eve\]: one\r\n")
    adam.expect(r"\[Eve\]: two\r\n")
    eve.expect_row(r"Adam: thr$")
    shows(eve, r"\] Adam: thr$", "of a paste the unfinished line stays to be edited")
    eve.type("\x15Adam: \u00e4\u4e2d\u20ac\x7f\x7f words to go\x17\x17there\r")
    adam.expect("\\[Eve\\]: \u00e4 words there\r\n")
    reached("erasing takes whole characters and words")

    eve.type("exit\r")
    is_(eve.wait(), 0, "exit")
    adam.expect(r"Eve left: ")
    adam.type("\x03")
    ok(adam.wait() == 12, "Ctrl-C ends it; the line that nobody got counts")
    is_(before == modes(adam), False, "the terminal was raw")
    is_(bool(modes(adam)[3] & termios.ICANON and modes(adam)[3] & termios.ECHO), True, "and is as it was before")


def write_group(terminal, name, content):
    os.makedirs(os.path.join(terminal.state, "groups"), exist_ok=True)
    with open(os.path.join(terminal.state, "groups", name), "w", encoding="utf-8") as file:
        file.write(content)


def keys(server):
    """Lines typed before, words half typed, a paste."""
    adam = Terminal(server, "Adam", trust="first-use")
    eve = Client(server, "Eve", "--receive")
    eve.err.expect("new server")
    adam.expect(r"\[Adam-\d+\] $")
    adam.type("list\r")
    adam.expect(r"\d+ Eve SHA256:")
    adam.type("ev\t")
    adam.expect(r"\] Eve: $")
    adam.type("one\r")
    like(eve.out.line(), r"\[Adam\]: one$", "a name is completed")
    adam.type("\x1b[A!\r")
    like(eve.out.line(), r"\[Adam\]: one!$", "the line before comes back")
    adam.type("Eve: unfinished\x1b[A\x1b[B and kept\r")
    like(eve.out.line(), r"\[Adam\]: unfinished and kept$", "and the one begun")
    adam.type("\x12e!")
    adam.expect(r'search "e!": Eve: one!')
    shows(adam, r'^search "e!": Eve: one!$', "a search is seen")
    eve.send("Adam: meanwhile")
    adam.expect(r"\[Eve\]: meanwhile\r\n")
    adam.expect(r'search "e!": Eve: one!')
    shows(adam, r'^search "e!": Eve: one!$', "also while messages arrive")
    adam.type("\r")
    like(eve.out.line(), r"\[Adam\]: one!$", "and finds")
    write_group(adam, "ops", "Eve\n")
    adam.type("@o\tto a group\r")
    like(eve.out.line(), r"\[Adam\]: to a group$", "a group is completed")
    adam.type("/e\t\x15e\t")
    adam.expect(r"exit  Eve\r\n")
    adam.expect_row(r"\] e$")
    shows(adam, r"\] e$", "what there is to choose from stands above")
    adam.type("\x15\x1b[200~Eve: a\tb\x7f\x12c\rEve: two\rhalf\x1b[201~")
    like(eve.out.line(), r"\[Adam\]: a\tbc$", "of a paste a tab is text, and no control character is a key")
    like(eve.out.line(), r"\[Adam\]: two$", "its lines are lines")
    adam.expect_row(r"\] half$")
    adam.type("\x15Eve: \u4e2d\u4e2d\x02\x7f\r")
    like(eve.out.line(), "\\[Adam\\]: \u4e2d$", "wide characters")
    adam.type("/exit\r")
    is_(adam.wait(), 0, "/exit is exit")
    like(adam.out.text(), r"\x1b\[\?2004l", "pastes are no longer bracketed")


def all_to_one(server):
    """With --to a line is text, but one with a '/' in front is a command."""
    eve = Client(server, "Eve", "--receive")
    eve.err.expect("new server")
    adam = Terminal(server, "Adam", "--to", "Eve", trust="first-use")
    adam.expect(r"\[Adam-\d+\] $")
    adam.type("list\r")
    like(eve.out.line(), r"\[Adam\]: list$", "a line is text")
    adam.type("/exti\r")
    adam.expect(r"not sent: exti: did you mean exit\?")
    adam.type("/exit\r")
    is_(adam.wait(), 0, "and a command behind a '/'")


def people(server):
    """Colours, the bell, who joined and left, and an answer to the last who wrote."""
    adam = Terminal(server, "Adam", "--bell", trust="first-use", env=environment(NO_COLOR=""))
    eve, bob = (Client(server, name, "--receive") for name in ("Eve", "Bob"))
    for client in (eve, bob):
        client.err.expect("new server")
    adam.expect(r"\[Adam-\d+\] $")
    adam.type("reply too early\r")
    adam.expect(r"not sent: nobody has written yet")
    eve.send("Adam: for you")
    adam.expect(r"Eve joined\r\n")
    adam.expect(STAMP + r"\x1b\[\d+m\[Eve\]\x1b\[m: for you\r\n")
    ok(b"\x07" not in adam.out.so_far(), "a name in colour, and no bell for a message")
    eve.send("Adam: Adamant")
    eve.send("Adam: hey aDAM!")
    adam.expect(r"hey aDAM!\r\n\x07")
    is_(adam.out.so_far().count(b"\x07"), 1, "the bell is for one's own name")
    adam.type("reply   two  words")
    adam.expect(r"reply   two  words$")
    bob.send("Adam: me too")
    adam.expect(r"\[Bob\]\S+: me too\r\n")
    adam.type("\r")
    adam.expect(r"to Eve\r\n")
    like(eve.out.line(), r"\[Adam\]: two  words$", "an answer goes to who wrote before it was begun")
    adam.type("/reply there\r")
    like(bob.out.line(), r"\[Adam\]: there$", "and the next to who wrote meanwhile")
    adam.type("reply\r")
    adam.expect(r"the command is: reply TEXT")
    eve.send("exit")
    adam.expect(r"Eve left: ")
    adam.type("exit\r")
    is_(adam.wait(), 0, "the end")
    for options, env, colored in (((), {}, False), (("--color", "always"), {}, True), (("--color", "never"), {}, False),
                                  ((), {"NO_COLOR": ""}, True), ((), {"NO_COLOR": "", "TERM": "dumb"}, False),
                                  (("--color=never",), {"NO_COLOR": ""}, False)):
        adam = Terminal(server, "Adam", *options, trust="first-use", env=environment(**env))
        adam.expect(r"\[Adam-\d+\] $")
        bob.send("Adam: colour")
        adam.expect(r"\[Bob\]\S*: colour\r\n")
        is_(b"\x1b[m" in adam.out.so_far(), colored, "%r with %r has colours or not" % (options, env))
        adam.kill()
    pipe = Client(server, "Adam", "--receive", "--color=auto", env=environment(NO_COLOR=""))
    pipe.err.expect("new server")
    bob.send("Adam: plain")
    like(pipe.out.line(), r"\[Bob\]: plain$", "a pipe has no colours by itself")
    pipe.send("reply from a pipe")
    like(bob.out.line(), r"\[Adam\]: from a pipe$", "and can answer")
    wrong = Client(server, "Adam", "--color", "sometimes")
    is_(wrong.wait(), 1, "no other word")
    like(wrong.err.text(), r"--color takes auto, always or never", "which is told")


def session_number(terminal):
    return re.search(rb"\[%s-(\d+)\]" % terminal.label.split()[-1].encode(), terminal.out.so_far()).group(1).decode()


def long_lines(server):
    adam = Terminal(server, "Adam", trust="first-use")
    eve = Client(server, "Eve", "--receive")
    eve.err.expect("new server")
    adam.expect(r"\[Adam-\d+\] $")
    text = "Eve: " + "".join(chr(ord("a") + number % 26) for number in range(200))
    adam.type(text)
    adam.expect(r"xyzabcdefghijklmnopqr$")

    def screen():
        """The rows, with the same time in each: a prompt that is shown again has a new one."""
        return [re.sub("^" + STAMP, "[00:00:00] ", row) for row in adam.screen()]

    head = re.search(r"\[00:00:00\] \[Adam-\d+\] ", "\n".join(screen())).group()

    def typed(columns):
        rows = screen()
        at = next(number for number, line in enumerate(rows) if line.startswith(head))
        return "".join(rows[at:]), [len(row) for row in rows[at:-1]], columns

    is_(typed(80)[0], head + text, "a line longer than the screen wraps")
    eve.send("Adam: above")
    adam.expect(r"\[Eve\]: above\r\n")
    adam.expect(r"xyzabcdefghijklmnopqr$")
    is_(typed(80)[0], head + text, "and is shown again whole under what arrives")
    rows = screen()
    ok(rows.index(next(row for row in rows if row.endswith("[Eve]: above"))) <
       rows.index(next(row for row in rows if row.startswith(head))), "which stands above it")
    adam.type("\x15")
    adam.type("Eve: " + "w" * (80 - len(head) - len("Eve: ")))
    adam.expect(r"w{40}")
    eve.send("Adam: at the edge")
    adam.expect(r"\[Eve\]: at the edge\r\n")
    adam.expect(r"w\n*\r*$")
    adam.type("!\r")
    like(eve.out.line(), r"\[Adam\]: w+!$", "a line that ends at the edge of the screen is whole")
    adam.type("Eve: " + "y" * 5000 + "\r")
    like(eve.out.line(), r"\[Adam\]: y{5000}$", "a line longer than the screen has room for is sent whole")
    adam.resize(10, 40)
    adam.type("Eve: small\r")
    like(eve.out.line(), r"\[Adam\]: small$", "a changed size")
    adam.type("exit\r")
    is_(adam.wait(), 0, "the end")


def hostile(server):
    adam = Terminal(server, "Adam", trust="first-use")
    eve = Client(server, "Eve", "--receive")
    eve.err.expect("new server")
    adam.expect(r"\[Adam-\d+\] $")
    adam.type("Eve: typing")
    adam.expect(r"typing$")
    start = len(adam.out.so_far())
    eve.send("Adam: " + HOSTILE)
    eve.send("Adam: done")
    adam.expect(r"\]: done")
    adam.expect(r"typing$")
    text = adam.out.so_far()[start:].decode()
    text = re.sub(r"\x1b\[(\d+[AC]|J)|\r", "", text)
    unlike(text, r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e\u2066]", "nothing of a hostile message is raw")
    like(text, re.escape(r"\x1b[2J\x1b]0;title\x07"), "it is shown in escapes")
    adam.type("\x15\x1b[200~\x1b[201~\x1bOP\x1b[15~Eve: keys\x02\x06\x0c\r")
    like(eve.out.line(), r"\[Adam\]: keys$", "keys that mean nothing do nothing")
    eve.feed("".join("Adam: %d\n" % number for number in range(500)), close=False)
    for number in range(20):
        adam.type("Eve: t%d" % number)
        adam.type("x\x7f\r")
    is_([eve.out.line().split(": ")[1] for _ in range(20)], ["t%d" % number for number in range(20)],
        "typing through a flood is not torn")
    adam.expect(r"\[Eve\]: 499\r\n")
    adam.type("exit\r")
    is_(adam.wait(), 0, "the end")
    rows = [re.sub("^" + STAMP, "", row) for row in adam.screen()]
    got = [row for row in rows if re.match(r"\[Eve\]: \d+$", row)]
    is_(got, ["[Eve]: %d" % number for number in range(500)], "and no message is")


def ends(server):
    """The terminal is given back whatever the end."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGABRT):
        adam = Terminal(server, "Adam", trust="first-use")
        adam.expect(r"\[Adam-\d+\] $")
        adam.signal(number)
        adam.wait()
        ok(modes(adam)[3] & termios.ICANON and modes(adam)[3] & termios.ECHO, "after %s" % signal.Signals(number).name)
    adam = Terminal(server, "Adam", trust="first-use")
    adam.expect(r"\[Adam-\d+\] $")
    adam.type("Eve: ha")
    adam.expect(r"Eve: ha$")
    adam.signal(signal.SIGTSTP)
    os.waitpid(adam.pid, os.WUNTRACED)
    ok(modes(adam)[3] & termios.ICANON, "a stopped program has given the terminal back")
    adam.signal(signal.SIGCONT)
    adam.expect(r"Eve: ha$")
    ok(not modes(adam)[3] & termios.ICANON, "and takes it again")
    adam.type("\x15exit\r")
    is_(adam.wait(), 0, "the end")


def redirected(server):
    """Only one of the two is a terminal."""
    path = os.path.join(folder(), "stdout")
    eve = Client(server, "Eve", "--receive")
    eve.err.expect("new server")
    plain = Terminal(server, "Adam", trust="first-use")
    plain.kill()
    adam = Terminal(server, "Adam", trust="first-use",
                    argv=["sh", "-c", 'exec "$@" > ' + path, "sh"] + plain.argv)
    adam.expect(r"\[Adam-\d+\] $")
    adam.type("Eve: hello\r")
    eve.out.expect(r"\[Adam\]: hello")
    eve.send("Adam: answer")
    adam.type("list\r")
    adam.type("exit\r")
    is_(adam.wait(), 0, "stdin is a terminal and stdout is not")
    with open(path, encoding="utf-8") as file:
        like(file.read(), r"(?s)\A(\[\d\d:\d\d:\d\d\] \[Eve\]: answer\n|\d+ \S+ SHA256:\S+ \S+\n)+\Z",
             "stdout has messages and answers only")
    adam = Terminal(server, "Adam", argv=["sh", "-c", 'printf "Eve: piped\\nlist\\n" | "$@"', "sh"] + plain.argv)
    is_(adam.wait(), 0, "stdout is a terminal and stdin is not")
    eve.out.expect(r"\[Adam\]: piped")
    unlike(adam.out.text(), r"\[Adam-", "there is no prompt")
    dumb = Terminal(server, "Adam", trust="first-use", env=environment(TERM="dumb"))
    dumb.expect(r"\[Adam-\d+\] $")
    dumb.type("Eve: dumb\n")
    eve.out.expect(r"\[Adam\]: dumb")
    eve.send("Adam: to the dumb")
    dumb.expect(r"\[Eve\]: to the dumb\r\n")
    dumb.type("exit\n")
    is_(dumb.wait(), 0, "a terminal without cursor movement")
    unlike(dumb.out.text(), "\x1b", "gets no control sequences")


def main():
    require_cryptography()
    server = Server()
    questions(server)
    slow_thinker()
    chat(server)
    keys(server)
    people(server)
    all_to_one(server)
    long_lines(server)
    hostile(server)
    ends(server)
    redirected(server)


run(main)
