#!/usr/bin/env python3
"""chatsecure-server before it serves: options and what is wrong with them, the identity, the addresses."""

import os
import re
import socket
import stat
import subprocess

from harness import *
import harness

SERVER = harness.SERVER


def start(*arguments, **changes):
    """Runs the program to its end. Gives status, stdout, stderr."""
    process = Process([SERVER] + list(arguments), label=" ".join(arguments) or "no arguments",
                      stdin=subprocess.DEVNULL, env=environment(**changes))
    status = process.wait()
    return status, process.out.text(), process.err.text()


def wrong(name, pattern, *arguments):
    status, out, err = start(*arguments)
    is_((status, out), (1, ""), name + ": ends with 1 and prints nothing")
    like(err, pattern, name + ": says what is wrong")
    like(err, r"see `chatsecure-server --help'\n\Z", name + ": and where help is")
    is_(err.count("\n"), 1, name + ": in one line")


def test_usage():
    wrong("an unknown option", r"no option --frobnicate", "--frobnicate")
    wrong("an unknown letter", r"no option -x", "-dx")
    wrong("an operand", r"\"localhost\" is not a command", "localhost")
    wrong("an operand behind --", r"\"--debug\" is not a command", "--", "--debug")
    wrong("a missing value", r"--listen needs a value", "--listen")
    wrong("a value too many", r"--debug takes no value", "--debug=yes")
    wrong("a port that is none", r"\"http\" is not a port", "--listen", "127.0.0.1:http")
    wrong("a port too large", r"\"65536\" is not a port", "--listen", "127.0.0.1:65536")
    wrong("half a bracket", r"not an address", "--listen", "[::1")
    wrong("a name that is none", r"\"9lives\" is not a name", "--name", "9lives")
    wrong("an escape in an option", r"no option --\\x1b\[2J", "--\x1b[2J")
    wrong("a suite that is none", r"\"ROT-13\" is not a suite; there are AES-256 and AES-128", "--ciphers",
          "AES-256,ROT-13")
    for text in ("0", "-1", "+1", " 1", "1x", "", "99999999999999999999"):
        wrong("--max-clients %r" % text, r"takes a number from 1 to", "--max-clients", text)
    wrong("no time for the handshake", r"--handshake-timeout takes a number", "--handshake-timeout=0")
    wrong("a policy that is none", r"--register takes open, closed or allow FILE, not \"shut\"", "--register", "shut")
    wrong("a policy that only begins well", r"not \"allowed\"", "--register", "allowed")
    wrong("a policy without its file", r"--register allow needs a file", "--register", "allow")
    wrong("a policy with an empty file", r"--register allow needs a file", "--register", "allow:")
    wrong("too many addresses", r"--listen may be given 16 times", *["--listen=127.0.0.1:0"] * 17)


def test_help():
    status, out, err = start("--help")
    is_((status, err), (0, ""), "--help ends with 0")
    for option in ("listen", "state-dir", "name", "key", "max-clients", "ciphers", "debug", "print-fingerprint", "help",
                   "version", "handshake-timeout", "ping-after", "max-handshakes", "penalty-sources"):
        like(out, r"--%s\b" % option, "the help has --%s" % option)
    ok(max(map(len, out.split("\n"))) < 80, "the help fits a terminal")
    is_(start("-dh"), (status, out, err), "-h in a bundle is the same")
    status, out, err = start("--version")
    is_((status, err), (0, ""), "--version ends with 0")
    like(out, r"\Achatsecure-server \d+\.\d+\.\d+\n\Z", "and prints name and version")
    full = os.open("/dev/full", os.O_WRONLY) if os.path.exists("/dev/full") else None
    if full is None:
        skip(1, "no /dev/full")
    else:
        done = subprocess.run([SERVER, "--help"], stdout=full, stderr=subprocess.PIPE, env=environment())
        is_(done.returncode, 2, "help that cannot be written is an error")
        os.close(full)


def test_identity():
    state = os.path.join(folder("identity"), "deep", "state")
    status, out, err = start("--state-dir", state, "--print-fingerprint")
    is_(status, 0, "--print-fingerprint makes the identity")
    like(out, r"\ASHA256:[A-Za-z0-9+/]{43}\n\Z", "and prints its fingerprint")
    like(err, r"a new key was made: ", "the making is in the log")
    path = os.path.join(state, "identity.pem")
    is_(stat.S_IMODE(os.stat(state).st_mode), 0o700, "the state directory is the owner's alone")
    is_(stat.S_IMODE(os.stat(path).st_mode), 0o600, "and so is the key")
    is_(os.listdir(state), ["identity.pem"], "nothing else is left there")
    is_(start("--state-dir", state, "--print-fingerprint")[:2], (0, out), "the second time it is the same")
    done = subprocess.run(["openssl", "pkey", "-in", path, "-noout", "-text"], capture_output=True, text=True)
    if done.returncode == 0:
        like(done.stdout, r"\(3072 bit", "the key has 3072 bits")
    else:
        skip(1, "no openssl")

    server = Server(state=state, identity=None)
    is_(server.fingerprint + "\n", out, "the server announces that fingerprint")
    is_(server.stop(), 0, "and stops")
    is_(Server(state=state, identity=None).fingerprint + "\n", out, "after a restart it is the same")

    os.chmod(path, 0o640)
    status, out, err = start("--state-dir", state, "--print-fingerprint")
    is_((status, out), (2, ""), "a key that the group may read is refused")
    like(err, r"chmod 600 " + re.escape(path), "with the remedy")
    os.chmod(path, 0o600)
    os.chmod(state, 0o777)
    status, out, err = start("--state-dir", state, "--print-fingerprint")
    is_((status, out), (2, ""), "a state directory that others may write to is refused")
    like(err, r"chmod 700 " + re.escape(state), "with the remedy")

    for name, content, pattern in (("empty", "", r"not a key in PEM"), ("text", "hello\n", r"not a key in PEM")):
        status, out, err = start("--key", write_file(name, content), "--print-fingerprint")
        is_((status, out), (2, ""), "a key file that is %s is refused" % name)
        like(err, pattern, "and told apart")
    status, out, err = start("--key", os.path.join(folder(), "nowhere"), "--print-fingerprint")
    is_((status, out), (2, ""), "a key file that is not there is not made")
    like(err, r"No such file", "and told apart")
    status, out, err = start("--key", key("relay"), "--state-dir", os.path.join(folder(), "unused"),
                             "--print-fingerprint")
    is_((status, err), (0, ""), "--key alone is enough")
    ok(not os.path.exists(os.path.join(folder(), "unused")), "and makes no state directory")


def test_places():
    base = folder("places")
    for changes, where in (({"STATE_DIRECTORY": base + "/systemd"}, base + "/systemd"),
                           ({"XDG_STATE_HOME": base + "/xdg"}, base + "/xdg/chatsecure-server"),
                           ({"XDG_STATE_HOME": "relative", "HOME": base + "/home"},
                            base + "/home/.local/state/chatsecure-server")):
        if "STATE_DIRECTORY" not in changes and os.geteuid() == 0:
            skip(1, "root's state is elsewhere")
            continue
        start("--print-fingerprint", **changes)
        ok(os.path.exists(where + "/identity.pem"), "the state is in %s" % os.path.relpath(where, base))


def test_race():
    state = os.path.join(folder(), "race")
    both = [Process([SERVER, "--state-dir", state, "--print-fingerprint"], stdin=subprocess.DEVNULL) for _ in range(3)]
    is_([process.wait() for process in both], [0, 0, 0], "three first starts at once all succeed")
    is_(len({process.out.text() for process in both}), 1, "with one identity")
    is_(os.listdir(state), ["identity.pem"], "and nothing left over")


def test_addresses():
    server = Server(listen=("127.0.0.1:0", "127.0.0.1:0"))
    is_(len(set(server.addresses)), 2, "two addresses have ports of their own")
    ok(all(not address.endswith(":0") for address in server.addresses), "port 0 is announced as what it has become")
    for address in server.addresses:
        socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1]))).close()
    reached("both can be connected to")
    status, out, err = start("--key", key("relay"), "--state-dir", folder("taken"), "--listen", server.address)
    is_((status, out), (2, ""), "a port that is taken ends the start")
    like(err, r"cannot listen on %s: Address already in use" % re.escape(server.address), "and is named")
    status, out, err = start("--key", key("relay"), "--state-dir", folder("taken"), "--listen",
                             "no-such-host.invalid:1")
    is_((status, out), (2, ""), "a host that does not exist ends the start")
    like(err, r"cannot find the host \"no-such-host.invalid\"", "and is named")
    status, out, err = start("--key", key("relay"), "--state-dir", folder("taken"), "--listen", "127.0.0.1:0",
                             "--listen", server.address)
    is_((status, out), (2, ""), "nothing is announced unless all addresses can be had")

    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        skip(3, "no IPv6")
        return
    six = Server(listen=("[::1]:0",))
    like(six.address, r"\A\[::1\]:\d+\Z", "an IPv6 address is announced in brackets")
    socket.create_connection(("::1", six.port)).close()
    reached("and can be connected to")
    both = Server(listen=("[::]:0", "0.0.0.0:0"))
    is_(len(both.addresses), 2, "both families listen side by side")


def main():
    test_usage()
    test_help()
    test_identity()
    test_places()
    test_race()
    test_addresses()


run(main)
