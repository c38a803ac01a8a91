#!/usr/bin/env python3
"""chatsecure --exec, --from, --wait-ready, --lock-timeout: receivers that do something.

Each function is a recipe."""

import os
import signal

from harness import *
from harness import WRAP


def program(name, body):
    """A shell script to run for messages."""
    return write_file(name, "#!/bin/sh\n" + body + "\n", mode=0o700)


def receiver(server, name, *options, **keywords):
    client = Client(server, name, "--receive", *options, **keywords)
    client.err.expect(r"new server")
    return client


def send(server, to, *options, data=None, status=0, name="", error=None, sender="Adam"):
    client = Client(server, sender, "--to", to, *options)
    if data is not None:
        client.finish(data)
    is_(client.wait(), status, name)
    if error:
        like(client.err.text(), error, "which its sender is told")


def what_the_program_gets(server):
    save = program("save", """cat > %s/text
printf '%%s\\n' "$1" "$2" "$CHATSECURE_FROM" "$CHATSECURE_FINGERPRINT" "$CHATSECURE_ID" "$CHATSECURE_TIME"
test -e /proc/self/fd && ls /proc/self/fd | wc -l || echo 0
test -e /proc/self/status && sed -n 's/^SigIgn:[[:space:]]*//p' /proc/self/status || echo 0""" % folder())
    bob = receiver(server, "Bob", "--exec", save + "  one\ttwo ")
    text = "a line; $(touch %s/bad)\n`touch %s/bad` 'quoted' \u00e4\n" % (folder(), folder())
    send(server, "Bob", "-s", data=text + "\n", name="a message for a program")
    with open(os.path.join(folder(), "text"), encoding="utf-8") as file:
        is_(file.read(), text, "is on its standard input, exactly")
    is_([bob.out.line() for _ in range(3)], ["one", "two", "Adam"], "its words and the sender are there")
    like(bob.out.line(), r"^SHA256:[A-Za-z0-9+/]{43}$", "and the fingerprint")
    like(bob.out.line(), r"^[A-Za-z0-9_-]+$", "and the id")
    like(bob.out.line(), r"^\d{13}$", "and the time")
    ok(int(bob.out.line()) <= 5, "it has no descriptor that is not its own")
    is_(int(bob.out.line(), 16) & (1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1), 0, "and no signal is ignored")
    ok(not os.path.exists(os.path.join(folder(), "bad")), "no shell has looked at it")
    send(server, "Bob", "-m", "", name="an empty message is one too")
    bob.kill()
    dave = receiver(server, "Dave", "-o", "json", "--exec", "echo from the program")
    send(server, "Dave", "-m", "x", name="a message for a program, with events on standard output")
    dave.signal(signal.SIGTERM)
    dave.wait()
    is_([line[0] for line in dave.out.lines() if line[0] != "{"], [], "has nothing else there")
    like(dave.err.text(), "from the program", "but on standard error")


def the_receipt_waits_for_the_program(server):
    gate = os.path.join(folder(), "gate")
    os.mkfifo(gate)
    bob = receiver(server, "Bob", "--exec", program("wait", "echo started; read line < %s; exit 0" % gate))
    adam = Client(server, "Adam", "--to", "Bob", "-m", "go", "--debug")
    bob.out.expect(r"started\n")
    unlike(adam.err.so_far(), r"line 1 to Bob: delivered", "while it runs there is no receipt")
    with open(gate, "w", encoding="utf-8") as file:
        file.write("\n")
    is_(adam.wait(), 0, "when it has succeeded there is")
    bob.kill()


def the_program_fails(server):
    bob = receiver(server, "Bob", "--exec", program("fail", 'read line; case "$line" in (ok) exit 0;; esac; exit 7'))
    send(server, "Bob", "-m", "no", status=16, name="a program that fails",
         error=r"line 1 to Bob: the peer's program for it failed with status 7$")
    bob.err.expect(r"fail ended with status 7 for a message of Adam")
    send(server, "Bob", data="no\nok\n", status=16, name="one failure hides no success",
         error=r"\A(chatsecure: new [^\n]*\n){2}chatsecure: line 1 to Bob: [^\n]* status 7\n\Z")
    bob.kill()
    bob = receiver(server, "Bob", "--exec", program("die", "kill -9 $$"))
    send(server, "Bob", "-m", "x", status=16, name="one that is killed", error=r"with status 137$")
    bob.kill()
    bob = receiver(server, "Bob", "--exec", "/nonexistent/program")
    send(server, "Bob", "-m", "x", status=16, name="one that is not there", error=r"with status 127$")
    # Under valgrind posix_spawn() has a memory of its own to note an error in, which nobody sees.
    bob.err.expect(r"/nonexistent/program ended with status 127" if WRAP else
                   r"cannot run /nonexistent/program: No such file")
    bob.kill()


def the_program_hangs(server):
    """A program that does not end is ended, with what it has started, and the next message has its turn."""
    gate = os.path.join(folder(), "hang")
    os.mkfifo(gate)
    hang = program("hang.sh", """read line
case "$line" in
(ok) exit 0;;
(polite) trap "exit 0" TERM;;
(stubborn) trap "" TERM;;
esac
sleep 100000 > %s &
while :; do wait; done""" % gate)
    bob = receiver(server, "Bob", "--exec-timeout", "1", "--exec", hang)
    for text, status in (("hang", 143), ("polite", 143), ("stubborn", 137)):
        adam = Client(server, "Adam", "--to", "Bob", "-m", text)
        with open(gate, encoding="utf-8") as file:
            is_(file.read(), "", "%s: nothing that it has started is left" % text)
        is_(adam.wait(), 16, "and its message has failed")
        like(adam.err.text(), r"the peer's program for it failed with status %d$" % status, "as its sender is told")
        bob.err.expect(r"hang\.sh did not end in time for a message of Adam, and was ended\n")
    send(server, "Bob", "-m", "ok", name="one that ends in time is not touched")
    adam = Client(server, "Adam", "--to", "Bob", "-m", "hang")
    with open(gate, encoding="utf-8") as file:
        bob.signal(signal.SIGTERM)
        is_(bob.wait(), 0, "the receiver ends")
        is_(file.read(), "", "and so does a program that has a limit")
    is_(adam.wait(), 11, "whose message nobody answers for")


def many(server):
    """Programs run one after the other; what they do not read is dropped."""
    out = os.path.join(folder(), "log")
    bob = receiver(server, "Bob", "--count", "60", "--exec", program("append", 'read line; echo "$line" >> %s' % out))
    send(server, "Bob", data="".join("%d\n" % number for number in range(60)), name="sixty messages")
    is_(bob.wait(), 0, "the receiver has its count")
    with open(out, encoding="utf-8") as file:
        is_([int(line) for line in file], list(range(60)), "in order")
    bob = receiver(server, "Bob", "--exec", "true")
    send(server, "Bob", "-m", "x" * 30000, name="a program that reads nothing has it all the same")
    bob.signal(signal.SIGTERM)
    is_(bob.wait(), 0, "the receiver ends")


def only_from_some(server):
    bob = receiver(server, "Bob", "--from", "Eve,Carol")
    send(server, "Bob", "-m", "x", status=5, name="one who is not wanted",
         error=r"line 1 to Bob: the peer takes no messages of this name$")
    send(server, "Bob", "-m", "welcome", sender="eve", name="one who is, whatever the case")
    like(bob.out.line(), r"\[eve\]: welcome$", "is all that is printed")
    is_(bob.out.so_far().count(b"\n"), 1, "once")
    bob.kill()


def ready(server):
    client = Client(server, "Adam", "--wait-ready")
    is_(client.wait(), 0, "--wait-ready ends when the name is registered")
    bob = receiver(server, "Bob")
    is_(Client(server, "Bob", "--wait-ready", identity="mallory").wait(), 14, "and says if it cannot be")
    is_(Client("127.0.0.1:1", "Adam", "--wait-ready").wait(), 3, "or if there is no server")
    bob.kill()


def one_identity_twice(server):
    first = receiver(server, "Bob")
    second = Client(server, "Bob", "--wait-ready", state=first.state)
    is_(second.wait(), 15, "the second of an identity says so")
    like(second.err.text(), r"in use.*--lock-timeout", "and what would help")
    is_(Client(server, "Bob", "--wait-ready", "--lock-timeout", "1", state=first.state).wait(), 15,
        "with --lock-timeout after that time")
    third = Client(server, "Bob", "--wait-ready", "--lock-timeout", "3600", state=first.state)
    first.signal(signal.SIGTERM)
    is_(first.wait(), 0, "the first ends")
    is_(third.wait(), 0, "and the one that waited goes on")


def usage(server):
    for options, error in ((["--exec", " "], r"--exec"), (["--exec", "x " * 65], r"1 to 64 words"),
                           (["--from", "9"], r"\"9\": neither a name"), (["--lock-timeout", "x"], r"--lock-timeout"),
                           (["--exec-timeout", "0", "--exec", "true"], r"--exec-timeout"),
                           (["--exec-timeout", "5"], r"--exec-timeout is for the program of --exec")):
        client = Client(server, "Adam", *options)
        is_(client.wait(), 1, "%s is a usage error" % " ".join(options)[:20])
        like(client.err.text(), error, "which is said")


def main():
    require_cryptography()
    server = Server()
    what_the_program_gets(server)
    the_receipt_waits_for_the_program(server)
    the_program_fails(server)
    the_program_hangs(server)
    many(server)
    only_from_some(server)
    ready(server)
    one_identity_twice(server)
    usage(server)


run(main)
