#!/usr/bin/env python3
"""SIGHUP: what follows the configuration file, what stays, and what an error does."""

import fcntl
import subprocess

from faults import *
from harness import SERVER


def config(content):
    return write_file("server.conf", content)


def reload(server, *patterns):
    """Has the server read again, and waits for the patterns in the log on the way."""
    server.signal(signal.SIGHUP)
    for pattern in patterns:
        server.err.expect(pattern)
        reached("the log has: " + pattern)
    server.err.expect(r"info files were read again$")


class Strangers:
    """Connections in their handshake, all from here, that stay."""

    def __init__(self, server):
        self.server = server
        self.wires = []

    def are_at_most(self, count):
        while len(self.wires) < count:
            self.wires.append(Wire(self.server))
            self.server.err.expect(r"info \[\d+\] connection from ")
        is_(Wire(self.server).error_code(), "busy", "there are %d connections from here, and no more" % count)


def test_limits():
    server = Server("--config", config("source-handshakes = 2\nsource-rate = 0\nearly-drop = 256\n"))
    strangers = Strangers(server)
    strangers.are_at_most(2)
    config("source-handshakes = 4\nsource-rate = 0\n")
    reload(server)
    strangers.are_at_most(4)
    config("source-handshakes = 1\nrate = much\n")
    reload(server, r"error .*server\.conf:2: rate takes a number .*; the configuration as it was before stays")
    strangers.are_at_most(4)
    os.remove(os.path.join(folder(), "server.conf"))
    reload(server, r"error cannot read .*server\.conf: No such file.*; the configuration as it was before stays")
    strangers.are_at_most(4)
    config("ping-after = 1\nsource-rate = 0\n")
    reload(server)
    adam = Peer(server, "Adam").handshake()
    adam.receive("ping")
    reached("what is out of the file is as by default, and what is new in it holds")
    is_(server.stop(), 0, "the server ends as it should")


def command(server, *options):
    """chatsecure-server reload. Gives status, stdout, stderr."""
    done = subprocess.run([SERVER, "--config", "/dev/null", "--state-dir", server.state, *options, "reload"],
                          capture_output=True, text=True, env=environment(), check=False)
    return done.returncode, done.stdout, done.stderr


def test_command():
    server = Server("--config", config("source-handshakes = 2\nsource-rate = 0\nearly-drop = 256\n"))
    config("source-handshakes = 1\nsource-rate = 0\n")
    is_(command(server), (0, "", ""), "the command reload ends well when the files are good")
    Strangers(server).are_at_most(1)
    reached("and what they say is in force by then")
    config("rate = much\nregister = allow /nowhere/list\n")
    status, out, err = command(server)
    is_((status, out), (2, ""), "and fails when the configuration is wrong")
    like(err, r"\Achatsecure-server: .*server\.conf:1: rate takes a number .*; the configuration as it was before "
         r"stays in force\n\Z", "with why")
    config("register = allow /nowhere/list\ncertificate = /nowhere/chain\n")
    like(command(server)[2], r"\Achatsecure-server: cannot read /nowhere/list: .*; the list as it was before stays in "
         r"force\n\Z", "of several that are wrong with the first")
    server.err.expect(r"error .*/nowhere/chain.*; the certificates as they were before stay in force$")
    reached("and the log has the others")
    config("")
    is_(command(server), (0, "", ""), "which is over when they are right")
    is_(server.stop(), 0, "the server ends as it should")
    like(command(server)[2], r"no server runs in ", "without a server there is nobody to read them")


def test_restart():
    content = "max-clients = 10\nciphers = AES-256\nrsa-parallel = 1\n"
    server = Server("--config", config(content))
    config("max-clients = 11\nciphers = AES-128\nname = Other\nlisten = 127.0.0.1:1\nstate-dir = /nowhere\n"
           "rsa-parallel = 1\n")
    reload(server, r"warning name has changed in the configuration file: that takes a restart$",
           r"warning ciphers has changed", r"warning max-clients has changed")
    unlike(server.err.so_far(), r"(listen|state-dir|key|rsa-parallel) has changed",
           "what the command line has, or has not changed, is not spoken of")
    ok(Peer(server, "Adam").handshake().settled(), "and all goes on")
    server.err.expect(r"is connected, key .*, AES-256$")
    reached("as before")
    config(content)
    reload(server)
    is_(server.err.so_far().count(b"has changed in the configuration"), 3, "what is as it was is not spoken of")
    is_(server.stop(), 0, "the server ends as it should")


def test_policy():
    fingerprint = Identity("adam").fingerprint
    allowed = write_file("allowed", "Adam %s\n" % fingerprint)
    server = Server("--config", config(""), *LIFTED)
    adam, eve = Peer(server, "Adam").handshake(), Peer(server, "Eve").handshake()
    config("register = allow %s\n" % allowed)
    reload(server, r"Eve may not stay")
    ok(adam.settled(), "who is in the new list stays")
    is_(Peer(server, "Mallory").refused(), "denied", "and nobody else comes")
    eve.close()
    config("register = allow %s-not\n" % allowed)
    reload(server, r"error cannot read .*allowed-not: .*; the list as it was before stays in force$")
    is_(Peer(server, "Mallory").refused(), "denied", "a list that is not there changes nothing")
    write_file("allowed", "Adam %s\nMallory %s\n" % (fingerprint, Identity("mallory").fingerprint))
    config("register = what\n")
    reload(server, r"error .*server\.conf:1: register takes open.*the configuration as it was before stays in force$")
    ok(Peer(server, "Mallory").handshake().settled(), "without a configuration the list in force is read again")
    config("register = open\ndebug = yes\n")
    reload(server)
    ok(Peer(server, "Eve").handshake().settled(), "when all may come, all may")
    server.err.expect(r" debug \[\d+\] ")
    reached("and there is more in the log when debug is on")
    is_(server.stop(), 0, "the server ends as it should")


def test_often():
    server = Server("--config", config("rate = 1M\n"), "--ping-after=%d" % scaled(60), *LIFTED)
    with witnessed(server, "SIGHUP a hundred times"):
        for number in range(100):
            config("rate = %dM\ndebug = %s\n" % (number % 3, ("yes", "no")[number % 2]))
            reload(server)
    is_(server.stop(), 0, "the server ends as it should")


def test_stop():
    """A disk that does not answer does not keep the server from stopping."""
    server = Server("--config", config(""))
    adam = Peer(server, "Adam").handshake()
    with open(os.path.join(server.state, "registry.db-shm"), "r+b") as index:
        # All the locks that who reads the registry may take.
        fcntl.lockf(index, fcntl.LOCK_EX, 8, 120)
        server.signal(signal.SIGHUP)
        server.err.expect(r"info reading files again$")
        ok(adam.settled(), "clients are served while a reload waits for the registry")
        begin = time.monotonic()
        server.signal(signal.SIGTERM)
        is_(adam.receive(), {"type": "bye", "reason": "shutdown"}, "and the server stops when it is told to")
        adam.close()
        is_(server.wait(), 0, "as it should")
        ok(time.monotonic() - begin < scaled(5), "within five seconds")
        like(server.err.text(), r"warning stopped in the middle of reading files", "which the log has")


def main():
    require_cryptography()
    test_limits()
    test_command()
    test_restart()
    test_policy()
    test_often()
    test_stop()


run(main)
