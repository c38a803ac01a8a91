#!/usr/bin/env python3
"""chatsecure-server keygen, fingerprint, export-key, and a server whose key is encrypted."""

import os
import stat
import subprocess
import tempfile

from harness import *
from harness import SERVER
from wire import Identity

PASSPHRASE = "correct horse, b\u00e4ttery"


def command(state, *arguments):
    """A run without a terminal. Gives status, stdout, stderr."""
    process = Process([SERVER, "--state-dir", state] + list(arguments), label=" ".join(arguments),
                      stdin=subprocess.DEVNULL, start_new_session=True)
    status = process.wait()
    return status, process.out.text(), process.err.text()


def new_state():
    return os.path.join(tempfile.mkdtemp(dir=folder()), "state")


def test_plain():
    state = new_state()
    path = os.path.join(state, "identity.pem")
    status, out, err = command(state, "fingerprint")
    is_((status, out), (2, ""), "without a key there is no fingerprint")
    like(err, r"identity\.pem: No such file", "which is said")
    ok(not os.path.exists(state), "and nothing is made")
    status, made, err = command(state, "keygen", "--bits", "2048")
    is_(status, 0, "keygen makes a key")
    like(err, r"made a new key in .*identity\.pem$", "and says where")
    is_(made, Identity(path).fingerprint + "\n", "and prints its fingerprint")
    is_(Identity(path).private.key_size, 2048, "it has the size that was asked for")
    is_(stat.S_IMODE(os.stat(path).st_mode), 0o600, "others cannot read it")
    with open(path, "rb") as file:
        content = file.read()
    status, out, err = command(state, "keygen")
    is_((status, out), (2, ""), "a second one is not made")
    like(err, r"there is a key in .*identity\.pem already, and it stays", "and why")
    with open(path, "rb") as file:
        ok(file.read() == content, "the first is as it was")
    is_(command(state, "fingerprint"), (0, made, ""), "fingerprint prints that of the key")
    is_(command(state, "--print-fingerprint"), (0, made, ""), "and so does the option")
    is_(command(state, "export-key"), (0, Identity(path).pem, ""), "export-key prints its public half")
    server = Server(state=state, identity=None)
    is_(server.fingerprint + "\n", made, "the server uses it")
    is_(command(state, "fingerprint"), (0, made, ""), "fingerprint works while it runs")
    is_(server.stop(), 0, "the server ends as it should")
    other = os.path.join(folder(), "other.pem")
    status, out, err = command(state, "--key", other, "keygen", "--bits=2048")
    is_((status, out), (0, Identity(other).fingerprint + "\n"), "keygen makes the key of --key")
    is_(command(new_state(), "--key", key("relay"), "fingerprint")[:2], (0, Identity("relay").fingerprint + "\n"),
        "fingerprint takes --key too")
    for text in ("1024", "2049", "8192", "x"):
        status, out, err = command(state, "keygen", "--bits", text)
        is_((status, out), (1, ""), "--bits %s is wrong" % text)
    status, out, err = command(state, "keygen", "now")
    is_((status, out), (1, ""), "keygen takes no argument")
    like(err, r"write: keygen;", "which is said")
    os.chmod(path, 0o644)
    status, out, err = command(state, "export-key")
    is_((status, out), (2, ""), "a key that others may read is refused")
    like(err, r"chmod 600", "with the remedy")


def test_encrypted():
    state = new_state()
    secret = write_file("secret", PASSPHRASE + "\nsecond line\n")
    status, made, err = command(state, "keygen", "--bits", "2048", "--passphrase-file", secret)
    is_(status, 0, "keygen makes an encrypted key")
    with open(os.path.join(state, "identity.pem"), encoding="ascii") as file:
        like(file.read(), r"ENCRYPTED", "as the file says")
    is_(command(state, "fingerprint", "--passphrase-file", secret), (0, made, ""), "the passphrase opens it")
    for arguments, pattern in (((), r"is encrypted"), (("--passphrase-file", write_file("no", "no\n")), r"open"),
                               (("--passphrase-file", write_file("empty", "")), r"empty")):
        status, out, err = command(state, "fingerprint", *arguments)
        is_((status, out), (2, ""), "nothing else does: %s" % pattern)
        like(err, pattern, "and it is said")
    server = Server("--passphrase-file", secret, state=state, identity=None)
    is_(server.fingerprint + "\n", made, "a server opens it with --passphrase-file")
    is_(server.stop(), 0, "and ends as it should")
    with open(secret, "rb") as file:
        server = Server("--passphrase-fd", str(file.fileno()), state=state, identity=None, pass_fds=[file.fileno()])
    is_(server.fingerprint + "\n", made, "and with --passphrase-fd")
    is_(server.stop(), 0, "and ends as it should")


def main():
    require_cryptography()
    test_plain()
    test_encrypted()


run(main)
