#!/usr/bin/env python3
"""chatsecure trust, untrust, peers, whois and verify: from a shell, as lines, on a terminal; keys that change."""

import base64
import hashlib
import os
import re
import signal
import subprocess
import time

from harness import *
from harness import CLIENT, SERVER
from wire import Identity

ADAM, EVE, MALLORY = (Identity(name).fingerprint for name in ("adam", "eve", "mallory"))


def today():
    return time.strftime("%Y-%m-%d", time.gmtime())


def half(fingerprint):
    """chatsecure-protocol(7), "Safety numbers": thirty digits of one key."""
    label = b"chatsecure/1 verify"
    key = base64.b64decode(fingerprint.split(":")[1] + "=")
    value = key
    for _ in range(5200):
        value = hashlib.sha256(len(label).to_bytes(4, "big") + label + value + key).digest()
    return "".join("%05d" % (int.from_bytes(value[i:i + 5], "big") % 100000) for i in range(0, 30, 5))


def safety_number(one, other):
    digits = "".join(sorted((half(one), half(other))))
    return " ".join(digits[i:i + 5] for i in range(0, 60, 5))


class State:
    """A state directory with Adam's identity, for commands."""

    count = 0

    def __init__(self, peers=None, name="known"):
        State.count += 1
        self.path = os.path.join(folder(), "%s-%d" % (name, State.count))
        os.mkdir(self.path, 0o700)
        if peers is not None:
            self.write("known_peers", peers)

    def write(self, name, text):
        with open(os.path.join(self.path, name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name="known_peers"):
        path = os.path.join(self.path, name)
        if not os.path.exists(path):
            return None
        with open(path, encoding="utf-8") as file:
            return file.read()

    def run(self, *arguments):
        process = Process([CLIENT, "--state-dir", self.path, "--identity", key("adam")] + list(arguments),
                          stdin=subprocess.DEVNULL, start_new_session=True)
        process.wait()
        return process

    def check(self, status, name, *arguments, out="", err=None):
        process = self.run(*arguments)
        is_((process.status, process.out.text()), (status, out), name)
        if err is not None:
            like(process.err.text(), r"\Achatsecure: .*" + err + r".*\n\Z", "which is told")
        return process


def trust():
    state = State()
    state.check(0, "trust", "trust", "Eve", EVE, err=re.escape(EVE))
    is_(state.read(), "Eve %s since=%s\n" % (EVE, today()), "notes the key")
    state.check(0, "the same once more", "trust", "eve", EVE, err="already")
    is_(state.read(), "Eve %s since=%s\n" % (EVE, today()), "changes nothing")
    state.write("known_peers", "# friends\nEve %s verified since=2020-01-01 x\nBob %s\n" % (EVE, MALLORY))
    state.check(0, "another key", "trust", "Eve", MALLORY)
    is_(state.read(), "# friends\nEve %s since=%s x\nBob %s\n" % (MALLORY, today(), MALLORY),
        "takes the place of the old one, and is not verified")
    state.check(0, "a server's key", "trust", "Chat.Example:24723", EVE)
    is_(state.read("known_servers"), "chat.example:24723 %s since=%s\n" % (EVE, today()), "goes to known_servers")
    state.check(0, "an IPv6 server's too", "trust", "[::1]:5", EVE)
    like(state.read("known_servers"), r"^\[::1\]:5 ", "with its brackets")
    state.check(1, "a name that is none", "trust", "9lives", EVE, err="neither a user's name")
    state.check(1, "a fingerprint that is none", "trust", "Eve", "SHA256:abc", err="not a fingerprint")
    state.check(1, "a word is missing", "trust", "Eve", err="write: trust NAME FINGERPRINT")
    state.check(0, "untrust", "untrust", "BOB", err="no longer")
    is_(state.read(), "# friends\nEve %s since=%s x\n" % (MALLORY, today()), "takes the line out")
    state.check(12, "untrust of nobody", "untrust", "Bob", err="Bob is not in ")
    state.check(0, "untrust of a server", "untrust", "chat.example:24723")
    unlike(state.read("known_servers"), "chat.example", "takes that out")
    state.write("known_peers", "damaged\n")
    for command in (("trust", "Eve", EVE), ("untrust", "Eve"), ("peers",), ("verify", "Eve")):
        state.check(2, "%s with a damaged file" % command[0], *command, err="known_peers:1 is not")
    is_(state.read(), "damaged\n", "which stays as it is")


def peers():
    state = State("# x\nEve %s verified since=2020-01-01\nann %s\n" % (EVE, MALLORY))
    state.check(0, "peers", "peers",
                out="ann %s unverified - -\nEve %s verified 2020-01-01 -\n" % (MALLORY, EVE))
    State().check(0, "nobody is known", "peers")
    state.write("known_peers", "Eve\x1b[31m %s\n" % EVE)
    state.check(0, "a name from anywhere", "peers", out="Eve\\x1b[31m %s unverified - -\n" % EVE)


def verify():
    number = safety_number(ADAM, EVE)
    state = State("Eve %s since=2020-01-01\n" % EVE)
    state.check(0, "verify shows the number", "verify", "eve", out=number + "\n",
                err="not verified yet.*verify Eve yes")
    is_(state.read(), "Eve %s since=2020-01-01\n" % EVE, "and marks nothing")
    state.check(13, "a wrong number", "verify", "Eve", number.replace(" ", "")[::-1], err="WARNING")
    state.check(13, "a part of the right one", "verify", "Eve", number[:20], err="WARNING")
    state.check(1, "an answer that is none", "verify", "Eve", "y", err="write yes")
    state.check(0, "an empty one is none either", "verify", "Eve", "", out=number + "\n")
    is_(state.read(), "Eve %s since=2020-01-01\n" % EVE, "all of which mark nothing")
    state.check(0, "yes", "verify", "Eve", "yes", err="is verified")
    is_(state.read(), "Eve %s verified since=2020-01-01\n" % EVE, "marks the key")
    state.check(0, "verified before", "verify", "Eve", out=number + "\n", err="verified before")
    for words in ((number,), (number.replace(" ", ""),), number.split()):
        state.write("known_peers", "Eve %s\n" % EVE)
        state.check(0, "the right number, in %d words" % len(words), "verify", "Eve", *words)
        is_(state.read(), "Eve %s verified\n" % EVE, "marks it too")
    state.check(12, "a name that is not on file", "verify", "Bob", err="Bob is not in")
    state.check(1, "a name that is none", "verify", "b:1", err="not a user's name")
    eve = Process([CLIENT, "--state-dir", State("Adam %s\n" % ADAM).path, "--identity", key("eve"), "verify", "Adam"])
    is_((eve.wait(), eve.out.text()), (0, number + "\n"), "the other side sees the same")


def fixed():
    state = State()
    path = write_file("peers-of-ci", "Eve %s\n" % EVE)
    os.chmod(path, 0o444)
    for command in (("trust", "Eve", MALLORY), ("untrust", "Eve"), ("verify", "Eve", "yes")):
        state.check(1, "%s with --known-peers" % command[0], "--known-peers", path, *command, err="only read")
    state.check(0, "peers reads it", "--known-peers", path, "peers", out="Eve %s unverified - -\n" % EVE)
    state.check(2, "peers with a folder", "--known-peers", state.path, "peers",
                err="cannot read %s: it is not a file" % re.escape(state.path))
    for option in ("--known-peers", "--known-servers"):
        state.check(1, "%s with a file that is not there" % option, option, path + "x", "peers",
                    err="cannot read %s: No such file" % re.escape(path + "x"))
    server = Server()
    eve = Client(server, "Eve", "--receive")
    eve.err.expect(r"new server")
    servers = write_file("servers-of-ci", "%s %s\n" % (server.address, server.fingerprint))
    adam = Client(server, "Adam", "--known-peers", path, "--known-servers", servers, trust=None)
    adam.finish("Eve: one\n")
    is_((adam.wait(), adam.err.text()), (0, ""), "both files are enough to send, with nothing to tell")
    bob = Client(server, "Bob", "--receive", identity="mallory")
    bob.err.expect(r"new server")
    adam = Client(server, "Adam", "--known-peers", path, "--known-servers", servers, trust="first-use")
    adam.finish("Bob: one\n")
    is_(adam.wait(), 4, "who is not there is not known")
    empty = write_file("empty", "")
    adam = Client(server, "Adam", "--known-servers", empty, trust="first-use")
    is_(adam.wait(), 4, "nor is a server")
    with open(path, encoding="utf-8") as file:
        is_(file.read(), "Eve %s\n" % EVE, "the file is as it was")
    is_([name for name in sorted(os.listdir(folder())) if name.startswith(("peers-of", "servers-of"))],
        ["peers-of-ci", "servers-of-ci"], "and nothing was made beside it")


def many_at_once():
    state = State("# kept\n")
    running = [Process([CLIENT, "--state-dir", state.path, "trust", "peer%d" % i, EVE]) for i in range(20)]
    is_([process.wait() for process in running], [0] * 20, "twenty commands at once")
    is_(sorted(state.read().splitlines()), sorted(["# kept"] + ["peer%d %s since=%s" % (i, EVE, today())
                                                               for i in range(20)]), "each have their line")


def whois():
    server = Server()
    eve = Client(server, "Eve", "--receive")
    eve.err.expect(r"new server")
    state = State()
    options = ("-n", "Adam", "--fingerprint", server.fingerprint)
    shown = state.run(*options, "whois", "eve", server.address)
    is_(shown.status, 0, "whois")
    like(shown.out.text(), r"\AEve fingerprint %s\nEve known since %s\nEve verified no\nEve certificate none\n"
         r"Eve cipher AES-256\n"
         r"Eve session since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n\Z" % (re.escape(EVE), today()), "says what is known")
    is_(state.read(), "Eve %s since=%s\n" % (EVE, today()), "and notes the key")
    state.write("known_peers", "Eve %s verified since=2020-01-01\n" % EVE)
    like(state.run(*options, "whois", "Eve", server.address).out.text(),
         r"^Eve known since 2020-01-01\nEve verified yes$", "what is on file too")
    state.check(12, "whois of nobody", *options, "whois", "Nobody", server.address, err="whois Nobody: no such user")
    state.write("known_peers", "Eve %s\n" % MALLORY)
    shown = state.run(*options, "whois", "Eve", server.address)
    is_((shown.status, shown.out.text()), (4, ""), "whois of a key that has changed")
    like(shown.err.text(), r"has changed: it is %s.* has %s" % (re.escape(EVE), re.escape(MALLORY)), "names both keys")
    State().check(4, "an unknown server", "-n", "Adam", "whois", "Eve", server.address, err="is not known")
    state.check(1, "nobody asks", "whois", "Eve", server.address, err="--name")
    state.check(1, "no name", "-n", "Adam", "whois", "a\nb", server.address)
    state.check(1, "no server", "-n", "Adam", "whois", "Eve", ":", err="not a port")
    state.check(3, "a server that is not there", "-n", "Adam", "whois", "Eve", "127.0.0.1:1")
    eve.signal(signal.SIGSTOP)
    state.write("known_peers", "")
    state.check(11, "a peer that does not answer", *options, "-W", str(scaled(1)), "whois", "Eve", server.address,
                err="no ")
    eve.signal(signal.SIGCONT)


def as_lines():
    server = Server()
    eve = Client(server, "Eve", "--receive")
    eve.err.expect(r"new server")
    adam = Client(server, "Adam")
    adam.send("whois Eve")
    like(adam.out.line(), r"^Eve fingerprint " + re.escape(EVE), "whois as a line")
    is_([adam.out.line().split()[1] for _ in range(5)], ["known", "verified", "certificate", "cipher", "session"],
        "has all of it")
    adam.send("peers")
    is_(adam.out.line(), "Eve %s unverified %s session" % (EVE, today()), "peers knows of the session")
    adam.send("verify Eve")
    is_(adam.out.line(), safety_number(ADAM, EVE), "verify as a line")
    adam.send("verify Eve " + safety_number(ADAM, EVE))
    adam.err.expect(r"Eve SHA256:\S+ is verified")
    adam.send("peers")
    is_(adam.out.line(), "Eve %s verified %s session" % (EVE, today()), "with the number it marks")
    adam.send("trust Bob " + MALLORY)
    adam.err.expect(r"Bob SHA256:\S+, noted in")
    other = Process([CLIENT, "--state-dir", adam.state, "trust", "Carl", EVE])
    is_(other.wait(), 0, "a command changes the file while the client runs")
    adam.send("peers")
    is_([adam.out.line().split()[0] for _ in range(3)], ["Bob", "Carl", "Eve"], "which sees it")
    adam.send("untrust Bob\nwhois eve\nEve: verify Eve yes\nwhois Eve Bob\n")
    adam.finish()
    is_(adam.wait(), 6, "too many words are no command, and no message")
    like(adam.err.text(), r"line 11: the command is: whois NAME", "which is told")
    is_(re.sub(r"^.*\]: ", "", eve.out.line()), "verify Eve yes", "a message is one, whatever it says")
    adam = Client(server, "Adam", "--trust-peers", "known")
    adam.send("trust Eve %s\nEve: before" % EVE)
    eve.out.expect(r": before\n")
    adam.send("untrust Eve")
    adam.err.expect(r"Eve is no longer in")
    adam.finish("Eve: after\n")
    is_(adam.wait(), 4, "who is not trusted any more gets nothing, though a session stands")
    like(adam.err.text(), r"line 4 to Eve: the peer Eve is not known.*trust Eve " + re.escape(EVE), "and why")
    for line, status, words in (("verify Eve 12345\n", 13, "WARNING"), ("untrust Eve\n", 12, "not in"),
                                ("verify Bob\n", 12, "not in"), ("trust Eve nonsense\n", 6, "not a fingerprint"),
                                ("whois Nobody\n", 12, "no such user"), ("whois Adam\n", 6, "oneself")):
        client = Client(server, "Adam")
        if line.startswith("verify Eve"):
            with open(os.path.join(client.state, "known_peers"), "w", encoding="utf-8") as file:
                file.write("Eve %s\n" % EVE)
        client.finish(line)
        is_(client.wait(), status, line.strip())
        like(client.err.text(), words, "is told")


def remove_name(server, name):
    process = Process([SERVER, "--state-dir", server.state, "user", "remove", name], stdin=subprocess.DEVNULL)
    require(process.wait() == 0, "the operator frees the name")


def changed():
    server = Server()
    state = State("Eve %s\n" % MALLORY, name="with a space")
    eve = Client(server, "Eve", "--receive")
    eve.err.expect(r"new server")
    adam = Client(server, "Adam", state=state.path)
    adam.finish("Eve: secret\n")
    is_(adam.wait(), 4, "a changed key is refused")
    error = adam.err.text()
    like(error, "it is %s, and %s:1 has %s" % tuple(map(re.escape, (EVE, state.path + "/known_peers", MALLORY))),
         "with the new key and the old one")
    like(error, r"line 1 to Eve: ", "and the line that was not sent")
    match = re.search(r"if the change is meant: (chatsecure .*)$", error, re.MULTILINE)
    require(match, "and the command that accepts it")
    shell = Process(["sh", "-c", 'chatsecure() { "$CLIENT" "$@"; }\n' + match.group(1)],
                    env=environment(CLIENT=CLIENT))
    is_(shell.wait(), 0, "which a shell takes as it stands")
    is_(state.read(), "Eve %s since=%s\n" % (EVE, today()), "and which notes the new key")
    adam = Client(server, "Adam", state=state.path)
    adam.finish("Eve: public\n")
    is_(adam.wait(), 0, "then lines are sent")
    like(eve.out.line(), r"public$", "and only then")


def changed_meanwhile():
    server = Server()
    eve = Client(server, "Eve", "--receive")
    eve.err.expect(r"new server")
    adam = Client(server, "Adam")
    adam.send("Eve: one")
    like(eve.out.line(), r"one$", "a session with the old key")
    eve.signal(signal.SIGSTOP)
    adam.send("Eve: two")
    remove_name(server, "Eve")
    eve.kill()
    other = Client(server, "Eve", "--receive", identity="mallory")
    other.err.expect(r"new server")
    adam.send("Eve: three")
    adam.err.expect(r"has changed: it is %s.*: chatsecure --state-dir \S+ trust Eve %s$" %
                    (re.escape(MALLORY), re.escape(MALLORY)))
    adam.err.expect(r"line 3 to Eve: ")
    adam.send("trust Eve " + MALLORY)
    adam.err.expect(r"noted in")
    adam.send("Eve: four")
    like(other.out.line(), r"four$", "after trust, new lines go to the new key")
    adam.send("trust Eve " + EVE)
    adam.err.expect(r"noted in")
    adam.send("Eve: five")
    adam.err.expect(r"has changed: it is " + re.escape(MALLORY))
    adam.finish()
    is_(adam.wait(), 4, "the lines that were not sent make the status")
    other.signal(signal.SIGTERM)
    other.wait()
    is_(len(other.out.lines()), 1, "and what was meant for the old key never went to the new one")


def require_verified():
    server = Server()
    eve = Client(server, "Eve", "--receive")
    eve.err.expect(r"new server")
    adam = Client(server, "Adam", "--require", "verified")
    adam.finish("Eve: one\n")
    is_(adam.wait(), 4, "--require verified refuses to send to who is unknown")
    like(adam.err.text(), r"line 1 to Eve: Eve is not verified.* verify Eve", "and says what to do")
    state = adam.state
    with open(os.path.join(state, "known_peers"), "w", encoding="utf-8") as file:
        file.write("Eve %s\n" % EVE)
    adam = Client(server, "Adam", "--require", "verified", state=state)
    adam.finish("Eve: two\n")
    is_(adam.wait(), 4, "and to who is known and not verified")
    adam = Client(server, "Adam", "--require", "verified", "--receive", state=state)
    adam.send("whois Eve")
    like(adam.out.line(), r"^Eve fingerprint", "a session is no message")
    eve.send("Adam: to you")
    adam.out.expect(r"\[Eve\]: to you\n")
    reached("what others send is shown")
    adam.send("verify Eve yes\nEve: three")
    like(eve.out.line(), r"three$", "once verified, lines are sent")
    adam.send("exit")
    is_(adam.wait(), 0, "and all is well")
    is_(Client(server, "Adam", "--require", "much").wait(), 1, "there is nothing else to require")


def at_a_terminal():
    server = Server()
    answers = ("\r", "  \r", "y\r", "Yes\r", "YES\r", " yes \r", "no\r")
    for answer in answers:
        term = Terminal(server, "Adam")
        term.expect(r"Trust it \(yes, no or the fingerprint\)\? ")
        term.type(answer)
        is_(term.wait(), 4, "%r is no answer that trusts a server" % answer)
        is_(os.path.exists(os.path.join(term.state, "known_servers")), False, "and nothing is noted")
    state = State("Eve %s\n" % MALLORY)
    state.write("known_servers", "%s %s\n" % (server.address, MALLORY))
    term = Terminal(server, "Adam", state=state.path)
    term.type("\ryes\r\r" + server.fingerprint + "\r")
    term.expect(r"has changed")
    is_(term.wait(), 4, "a server's changed key is refused, whatever is typed")
    unlike(term.out.so_far(), rb"Trust it", "and nothing is asked")

    state.write("known_servers", "%s %s\n" % (server.address, server.fingerprint))
    eve = Client(server, "Eve", "--receive")
    eve.err.expect(r"new server")
    term = Terminal(server, "Adam", state=state.path)
    term.expect(r"\[Adam-\d+\] ")
    term.type("Eve: one\r")
    term.expect(r"has changed")
    for text in ("\r", "y\r", "yes\r", "Eve: two\r"):
        term.type(text)
    term.expect(r"has changed")
    term.type("verify Eve\r")
    term.expect(safety_number(ADAM, MALLORY))
    for text in ("\r", "y\r", "yes\r"):
        term.type(text)
    term.type("peers\r")
    term.expect(r"Eve \S+ unverified")
    term.type("exit\r")
    is_(term.wait(), 4, "a peer's changed key cannot be passed by pressing return")
    is_(state.read(), "Eve %s\n" % MALLORY, "and nothing was changed or marked")
    eve.signal(signal.SIGTERM)
    eve.wait()
    is_(eve.out.text(), "", "nothing was sent")


def picture():
    """The number on a screen, with its code where there is libqrencode."""
    with open(os.path.join(BUILD, "config.h"), encoding="utf-8") as file:
        has_codes = "#define HAVE_QRENCODE 1" in file.read()
    state = State("Eve %s\n" % EVE)
    argv = [CLIENT, "--state-dir", state.path, "--identity", key("adam"), "verify", "Eve"]
    for term_type, locale, wanted in (("xterm", "C.UTF-8", has_codes), ("dumb", "C.UTF-8", False),
                                      ("xterm", "C", False)):
        term = Terminal(None, "verify", argv=argv, env=environment(TERM=term_type, LC_ALL=locale))
        is_(term.wait(), 0, "verify on a terminal, TERM %s, locale %s" % (term_type, locale))
        text = term.out.bytes().decode("utf-8")
        like(text, safety_number(ADAM, EVE), "shows the number")
        rows = [line for line in term.screen() if re.match("^[\u2588\u2580\u2584 ]{20,}$", line)]
        ok((len(rows) >= 14) == wanted, "and %s code" % ("a" if wanted else "no"))
    if not has_codes:
        skip(1, "built without libqrencode")
        return
    server = Server()
    state.write("known_servers", "%s %s\n" % (server.address, server.fingerprint))
    term = Terminal(server, "Adam", state=state.path)
    term.expect(r"\[Adam-\d+\] ")
    term.type("verify Eve\r")
    term.expect(safety_number(ADAM, EVE))
    term.expect(r"verify Eve yes")
    rows = [line for line in term.screen() if re.match("^[\u2588\u2580\u2584 ]{20,}$", line)]
    ok(len(rows) >= 14, "the prompt shows the code too")
    term.type("exit\r")
    term.wait()


def main():
    require_cryptography()
    trust()
    peers()
    verify()
    fixed()
    many_at_once()
    whois()
    as_lines()
    changed()
    changed_meanwhile()
    require_verified()
    at_a_terminal()
    picture()


run(main)
