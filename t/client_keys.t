#!/usr/bin/env python3
"""chatsecure keygen, fingerprint, export-key, and identities that are encrypted: from pipes, files and terminals."""

import os
import re
import signal
import stat
import subprocess
import termios

from harness import *
from harness import CLIENT, SERVER, WRAP
from wire import Identity

PASSPHRASE = "correct horse, b\u00e4ttery"


def new_state():
    new_state.count += 1
    return os.path.join(folder(), "state-%d" % new_state.count)


new_state.count = 0


def command(state, *arguments, data="", **keywords):
    """A run without a terminal, whatever this script itself has."""
    process = Process([CLIENT, "--state-dir", state] + list(arguments), start_new_session=True, **keywords)
    process.finish(data)
    process.wait()
    return process


def terminal(state, *arguments):
    return Terminal(None, "keygen", argv=[CLIENT, "--state-dir", state] + list(arguments), state=state)


def is_encrypted(path):
    with open(path, encoding="ascii") as file:
        return "ENCRYPTED" in file.read()


def finger(path, password=None):
    arguments = ["openssl", "pkey", "-in", path, "-pubout"]
    if password is not None:
        arguments += ["-passin", "file:" + password]
    return subprocess.run(arguments, capture_output=True, text=True, check=False).stdout


def from_pipe():
    state = new_state()
    path = os.path.join(state, "identity.pem")
    made = command(state, "keygen", "--bits", "2048")
    is_(made.status, 0, "keygen from a pipe makes a key")
    like(made.out.text(), r"\ASHA256:[A-Za-z0-9+/]{43}\n\Z", "and prints its fingerprint")
    like(made.err.text(), re.escape(path), "and where it is")
    is_([stat.S_IMODE(os.stat(name).st_mode) for name in (state, path)], [0o700, 0o600], "for nobody else to read")
    ok(not is_encrypted(path), "not encrypted, since nobody could be asked")
    is_(Identity(path).fingerprint + "\n", made.out.text(), "the fingerprint is the key's")
    with open(path, "rb") as file:
        content = file.read()

    again = command(state, "keygen", "--bits", "2048")
    is_((again.status, again.out.text()), (1, ""), "keygen never overwrites")
    like(again.err.text(), re.escape(path) + " already", "and names what is there")
    with open(path, "rb") as file:
        is_(file.read(), content, "which stays as it is")

    shown = command(state, "fingerprint")
    is_((shown.status, shown.out.text(), shown.err.text()), (0, made.out.text(), ""), "fingerprint prints the same")
    exported = command(state, "export-key")
    is_(exported.status, 0, "export-key")
    like(exported.out.text(), r"\A-----BEGIN PUBLIC KEY-----\n", "prints the public key in PEM")
    is_(exported.out.text(), finger(path), "which OpenSSL makes of the same file")

    other = os.path.join(folder(), "other.pem")
    made = command(state, "keygen", "--identity", other, "--bits", "2048")
    is_((made.status, Identity(other).fingerprint + "\n"), (0, made.out.text()), "keygen --identity FILE makes that")
    for bits in ("1024", "2049", "3000", "8192", "x"):
        wrong = command(state, "keygen", "--identity", other + "-", "--bits", bits)
        is_((wrong.status, os.path.exists(other + "-")), (1, False), "--bits %s is no size" % bits)
    default = command(new_state(), "keygen")
    with open(os.path.join(default.argv[2], "identity.pem"), "rb") as file:
        size = subprocess.run(["openssl", "rsa", "-noout", "-text"], input=file.read(), capture_output=True,
                              check=False).stdout
    like(size, rb"3072 bit", "a key has 3072 bits by default")

    missing = command(new_state(), "fingerprint")
    is_((missing.status, missing.out.text()), (2, ""), "no identity, no fingerprint")
    like(missing.err.text(), r"identity\.pem: No such file", "and none is made")
    is_(command(state, "fingerprint", "x").status, 1, "too many words are a usage error")
    is_(command(state, "keygen", "--identity", "/nonexistent/x").status, 1, "a file that cannot be made is one too")
    full = Process(["sh", "-c", 'exec "$@" > /dev/full', "sh", CLIENT, "--state-dir", state, "fingerprint"])
    is_(full.wait(), 2, "a full standard output is not success")


def permissions():
    state = new_state()
    path = os.path.join(state, "identity.pem")
    command(state, "keygen", "--bits", "2048")
    for mode in (0o644, 0o640, 0o602, 0o601):
        os.chmod(path, mode)
        refused = command(state, "fingerprint")
        is_(refused.status, 2, "a key with mode %03o is refused" % mode)
        like(refused.err.text(), r"\(mode %03o\).*: chmod 600 %s$" % (mode, re.escape(path)), "with what mends it")
    os.chmod(path, 0o400)
    is_(command(state, "fingerprint").status, 0, "one that nobody may write is not")
    os.chmod(path, 0o644)
    is_(command(state, "fingerprint", "--identity", path).status, 1, "the same for --identity")
    server = Process([SERVER, "--state-dir", state, "--print-fingerprint"])
    is_((server.wait(), server.out.text()), (2, ""), "the server refuses it too")
    like(server.err.text(), r"chmod 600 " + re.escape(path), "with what mends it")
    if os.geteuid() == 0:
        os.chmod(path, 0o640)
        os.chown(path, 65534, -1)
        is_(command(state, "fingerprint").status, 0, "what another user gives a group is for that user to decide")
    else:
        skip(1, "only root can give a file away")


def encrypted():
    state = new_state()
    path = os.path.join(state, "identity.pem")
    secret = write_file("passphrase", PASSPHRASE + "\nsecond line\n")
    made = command(state, "keygen", "--bits", "2048", "--passphrase-file", secret)
    is_(made.status, 0, "keygen --passphrase-file")
    ok(is_encrypted(path), "encrypts the key")
    like(finger(path, secret), "BEGIN PUBLIC KEY", "OpenSSL opens it with the first line")
    shown = command(state, "fingerprint", "--passphrase-file", secret)
    is_((shown.status, shown.out.text()), (0, made.out.text()), "and so does --passphrase-file")

    read, write = os.pipe()
    os.write(write, PASSPHRASE.encode() + b"\n")
    os.close(write)
    shown = command(state, "fingerprint", "--passphrase-fd", str(read), pass_fds=[read])
    os.close(read)
    is_((shown.status, shown.out.text()), (0, made.out.text()), "and --passphrase-fd")
    relay = Server()
    client = Process([CLIENT, "--state-dir", state, "--passphrase-fd", "0", "--trust", "first-use", "-n", "Adam",
                      relay.address], start_new_session=True)
    client.finish(PASSPHRASE + "\nlist\n")
    is_(client.wait(), 0, "--passphrase-fd 0 takes the first line of standard input")
    like(client.out.text(), re.escape(made.out.text().strip()), "and leaves the rest")
    server = Process([SERVER, "--state-dir", state, "--passphrase-file", secret, "--print-fingerprint"])
    is_((server.wait(), server.out.text()), (0, made.out.text()), "the server takes --passphrase-file")

    for content, name in (("wrong\n", "a wrong passphrase"), ("", "an empty file"),
                          ("\n" + PASSPHRASE, "an empty line"), ("x" * 2000, "a long line"), ("a\0b\n", "a NUL")):
        bad = command(state, "fingerprint", "--passphrase-file", write_file("bad", content))
        is_((bad.status, bad.out.text()), (1, ""), "%s does not open it" % name)
        like(bad.err.text(), r"^chatsecure: .*/bad\b.*(does not open the key|has no passphrase)", "and is named")
        unlike(bad.err.text(), "wrong\n|horse|xxx", "without what it said")
    is_(command(state, "fingerprint", "--passphrase-file", "/nonexistent").status, 1, "nor does no file")
    costly = os.path.join(folder(), "costly.pem")
    subprocess.run(["openssl", "pkcs8", "-topk8", "-iter", "4000001", "-in", key("adam"), "-out", costly,
                    "-passout", "pass:" + PASSPHRASE], check=True)
    bad = command(state, "fingerprint", "--identity", costly, "--passphrase-file", secret)
    is_(bad.status, 1, "a key that takes too many rounds to open is not opened")
    like(bad.err.text(), "costly.pem: the key takes more than 4000000 rounds to open", "which is said")
    is_(command(state, "fingerprint", "--passphrase-fd", "99").status, 1, "nor a descriptor that is not open")
    nobody = command(state, "fingerprint")
    is_(nobody.status, 1, "without a terminal nobody can be asked")
    like(nobody.err.text(), r"is encrypted.*--passphrase-file FILE or --passphrase-fd N", "and it says what to give")
    first = new_state()
    client = Process([CLIENT, "--state-dir", first, "--passphrase-file", secret, "--trust", "first-use", "-n", "Eve",
                      relay.address], start_new_session=True)
    client.finish("")
    is_((client.wait(), is_encrypted(os.path.join(first, "identity.pem"))), (0, True),
        "an identity made on first use is encrypted too, if --passphrase-file is given")


def echo_is_on(term):
    return bool(termios.tcgetattr(term._master)[3] & termios.ECHO)


def at_a_terminal():
    state = new_state()
    path = os.path.join(state, "identity.pem")
    term = terminal(state, "keygen", "--bits", "2048")
    term.expect(r"New passphrase \(empty for none\): ")
    ok(not echo_is_on(term), "what is typed is not shown")
    term.type(PASSPHRASE + "\r")
    term.expect(r"Once more: ")
    term.type("something else\r")
    term.expect(r"These differ\.")
    term.expect(r"New passphrase \(empty for none\): ")
    term.type(PASSPHRASE + "\r")
    term.expect(r"Once more: ")
    term.type(PASSPHRASE + "\r")
    fingerprint = term.expect(r"SHA256:\S{43}").group().decode()
    is_(term.wait(), 0, "keygen asks twice on a terminal")
    ok(is_encrypted(path), "and encrypts")
    unlike(term.out.so_far(), rb"horse|something", "nothing of it was on the screen")
    ok(echo_is_on(term), "the terminal is as it was")

    term = terminal(state, "fingerprint")
    term.expect(r"Passphrase for \S+identity\.pem: ")
    term.type("wrong\r")
    term.expect(r"does not open it")
    term.expect(r"Passphrase for ")
    term.type(PASSPHRASE + "\r")
    term.expect(re.escape(fingerprint))
    is_(term.wait(), 0, "it is asked for again when it was wrong")
    term = terminal(state, "fingerprint")
    for _ in range(3):
        term.expect(r"Passphrase for ")
        term.type("wrong\r")
    term.expect(r"chatsecure: that passphrase does not open the key")
    is_(term.wait(), 1, "three times")
    term = terminal(state, "fingerprint")
    term.expect(r"Passphrase for ")
    term.type(b"\x04")
    is_(term.wait(), 1, "Ctrl-D is no passphrase")

    for number, name in ((signal.SIGINT, "SIGINT"), (signal.SIGTERM, "SIGTERM"), (signal.SIGHUP, "SIGHUP")):
        term = terminal(state, "fingerprint")
        term.expect(r"Passphrase for ")
        ok(not echo_is_on(term), "no echo before %s" % name)
        if number == signal.SIGINT:
            term.expected_signals.add(number)
            term.type(b"\x03")
        else:
            term.signal(number)
        is_(term.wait(), -number, "%s ends the program" % name)
        ok(echo_is_on(term), "with the terminal as it was")

    plain = new_state()
    term = terminal(plain, "keygen", "--bits", "2048")
    term.expect(r"New passphrase")
    term.type("\r")
    term.expect(r"Once more: ")
    term.type("\r")
    is_(term.wait(), 0, "an empty answer, twice")
    ok(not is_encrypted(os.path.join(plain, "identity.pem")), "means no passphrase")
    term = terminal(plain, "keygen", "--bits", "2048")
    is_(term.wait(), 1, "a key that is there")
    unlike(term.out.bytes(), "passphrase", "is found before anything is asked")

    relay = Server()
    term = Terminal(relay, "Adam", "--trust", "first-use", state=state, identity="")
    term.expect(r"Passphrase for ")
    term.type(PASSPHRASE + "\r")
    term.expect(r"\[Adam-\d+\] ")
    term.type("exit\r")
    is_(term.wait(), 0, "the client asks before it connects")
    # The tool's own system calls are not the server's.
    server = [SERVER, "--state-dir", state, "--listen", "127.0.0.1:0"] + (["--sandbox", "off"] if WRAP else [])
    term = Terminal(None, "the server", argv=server, state=state)
    term.expect(r"Passphrase for ")
    term.type(PASSPHRASE + "\r")
    term.expect(r"listening \S+ " + re.escape(fingerprint))
    term.signal(signal.SIGTERM)
    is_(term.wait(), 0, "and so does the server")
    term = Terminal(None, "the server", argv=server, state=state)
    term.expect(r"Passphrase for ")
    term.type(b"\x03")
    term.expected_signals.add(signal.SIGINT)
    ok(term.wait() in (2, -signal.SIGINT), "which Ctrl-C ends there, too")


def main():
    require_cryptography()
    from_pipe()
    permissions()
    encrypted()
    at_a_terminal()


run(main)
