#!/usr/bin/env python3
"""chatsecure-server users and user: the registry in the hands of an operator, with and without a running server."""

import json
import os
import resource
import signal
import socket
import sqlite3
import stat
import subprocess
import tempfile
import threading

from harness import *
from harness import SERVER
from wire import *

ADAM, EVE, MALLORY = "adam", "eve", "mallory"


def command(state, *arguments):
    """Runs a command to its end. Gives status, stdout, stderr."""
    process = Process([SERVER, "--state-dir", state] + list(arguments), label=" ".join(arguments),
                      stdin=subprocess.DEVNULL)
    status = process.wait()
    return status, process.out.text(), process.err.text()


def does(state, name, *arguments):
    is_(command(state, *arguments), (0, "", ""), name)


def fails(state, status, pattern, name, *arguments):
    got, out, err = command(state, *arguments)
    is_((got, out), (status, ""), name)
    like(err, pattern, name + ": which is said")


def users(state):
    status, out, err = command(state, "users", "--json")
    require(status == 0 and err == "", "users: %s" % err)
    return {user["name"]: user for user in map(json.loads, out.splitlines())}


def new_state():
    return tempfile.mkdtemp(prefix="server-", dir=folder())


def finger(name):
    return Identity(name).fingerprint


def test_alone():
    """Without a server."""
    state = new_state()
    fails(state, 2, r"there is no registry in .*--state-dir", "users needs a registry", "users")
    fails(state, 2, r"there is no registry in", "block as well", "user", "block", "Adam")
    fails(os.path.join(state, "no"), 2, r"there is no registry in", "no folder is made for them", "users")
    ok(not os.path.exists(os.path.join(state, "no")) and os.listdir(state) == [], "nothing is")
    does(state, "add makes one", "user", "add", "Adam", finger(ADAM))
    is_(stat.S_IMODE(os.stat(state + "/registry.db").st_mode), 0o600, "for nobody else to read")
    does(state, "another is added", "user", "add", "Eve", finger(EVE))
    status, out, err = command(state, "users")
    is_((status, err), (0, ""), "users lists them")
    is_([line.split() for line in out.splitlines()],
        [["Adam", finger(ADAM), "active", "-", "-"], ["Eve", finger(EVE), "active", "-", "-"]],
        "with keys, states and times")
    is_(users(state)["Adam"], {"name": "Adam", "fingerprint": finger(ADAM), "state": "active", "first_seen": None,
                               "last_seen": None}, "and as JSON")
    does(state, "one is blocked", "user", "block", "aDAM")
    is_(users(state)["Adam"]["state"], "blocked", "whatever the case")
    does(state, "and no more", "user", "unblock", "ADAM")
    is_(users(state)["Adam"]["state"], "active", "he is active again")
    does(state, "he is blocked again", "user", "block", "Adam")
    does(state, "adding him", "user", "add", "Adam", finger(MALLORY))
    is_([users(state)["Adam"][word] for word in ("state", "fingerprint")], ["active", finger(MALLORY)],
        "makes him active, with the key given")
    does(state, "one is removed", "user", "remove", "eve")
    is_(list(users(state)), ["Adam"], "and gone")
    does(state, "one is blocked whom nobody has seen", "user", "block", "Mallory")
    is_([users(state)["Mallory"][word] for word in ("state", "fingerprint")], ["blocked", None],
        "the name is kept, with no key")
    is_(command(state, "users")[1].splitlines()[-1].split(), ["Mallory", "-", "blocked", "-", "-"], "which is a hyphen")
    server = Server("--key", key("relay"), state=state, identity=None)
    is_(Peer(server, "Mallory").refused(), "denied", "and nobody gets it")
    does(state, "it is unblocked", "user", "unblock", "mallory")
    Peer(server, "Mallory").handshake().bye()
    is_(users(state)["Mallory"]["fingerprint"], finger(MALLORY), "and then the first who comes has it")
    is_(server.stop(), 0, "the server ends as it should")
    does(state, "who is removed again", "user", "remove", "Mallory")
    for word in ("remove", "unblock"):
        fails(state, 3, r"there is no Eve in the registry", "%s of one who is not there ends with 3" % word,
              "user", word, "Eve")

    for arguments, pattern in ((("user",), r"write: user add NAME FPR \|"),
                               (("user", "add", "Adam"), r"write: user add"),
                               (("user", "block"), r"write: user add"),
                               (("user", "praise", "Adam"), r"write: user add"),
                               (("user", "block", "Adam", "Eve"), r"write: user"), (("users", "all"), r"write: users;"),
                               (("user", "add", "9", finger(ADAM)), r"\"9\" is not a name"),
                               (("user", "add", "Adam", "SHA256:x"), r"\"SHA256:x\" is not a fingerprint"),
                               (("user", "add", "Adam", finger(ADAM), "more"), r"write: user")):
        fails(state, 1, pattern, "wrong: %s" % " ".join(arguments), *arguments)
    if not os.path.exists("/dev/full"):
        skip(1, "no /dev/full")
        return
    full = Process(["sh", "-c", 'exec "$@" > /dev/full', "sh", SERVER, "--state-dir", state, "users"])
    is_(full.wait(), 2, "a list that cannot be written is an error")


def test_running():
    """What commands do to a running server has happened when they end."""
    server = Server(*LIFTED)
    state = server.state
    is_(stat.S_IMODE(os.stat(state + "/control").st_mode), 0o600, "the server's socket is its user's alone")
    adam, eve = Peer(server, "Adam").handshake(), Peer(server, "Eve").handshake()
    other = Peer(server, "Other", key="relay").handshake()
    adam.send(adam.connect_to("Eve"))
    eve.receive("client-connect")
    does(state, "a connected user is blocked", "user", "block", "ADAM")
    eve.send(eve.com("Adam", 1))
    is_(eve.receive(), {"type": "client-disconnect", "src": "Adam", "dst": "Eve", "reason": "removed"},
        "then those who talked to him have been told")
    is_(eve.receive("error")["code"], "no-such-user", "and he is gone")
    is_(adam.receive(), {"type": "bye", "reason": "denied"}, "he gets a bye")
    adam.ended()
    is_(Peer(server, "Adam").refused(), "denied", "and does not come back")
    is_(Peer(server, "Adam", key="mallory").refused(), "denied", "nor does anybody else under his name")
    ok(other.settled() and eve.settled(), "the others are not disturbed")
    does(state, "he is unblocked", "user", "unblock", "Adam")
    adam = Peer(server, "Adam").handshake()
    ok(adam.settled(), "and comes back")
    does(state, "adding him as he is", "user", "add", "adam", finger(ADAM))
    ok(adam.settled(), "does not disturb him")

    does(state, "his name is given to another key", "user", "add", "Adam", finger(MALLORY))
    is_(adam.receive(), {"type": "bye", "reason": "removed"}, "he has to leave")
    adam.ended()
    is_(Peer(server, "Adam").refused(), "name-taken", "his old key is another's now")
    mallory = Peer(server, "Adam", key="mallory").handshake()
    ok(mallory.settled(), "the new key comes in")
    does(state, "a user is removed", "user", "remove", "Adam")
    is_(mallory.receive(), {"type": "bye", "reason": "removed"}, "and has to leave")
    mallory.ended()
    adam = Peer(server, "Adam").handshake()
    ok(adam.settled(), "the name is free for whoever is first")
    ok(users(state)["Adam"]["first_seen"] is not None, "the list has him at once")
    with sqlite3.connect(state + "/registry.db") as database:
        database.execute("UPDATE users SET last_seen = 1000")
    database.close()
    eve.bye()
    like(users(state)["Eve"]["last_seen"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$", "and when somebody was last seen")
    is_(users(state)["Adam"]["last_seen"], "1970-01-01T00:16:40Z", "others are as they are in the file")
    is_(server.stop(), 0, "the server ends as it should")
    ok(not os.path.exists(state + "/control"), "and its socket is gone")
    does(state, "afterwards commands work alone", "user", "block", "Eve")

    server = Server("--register", "closed", state=state)
    is_(Peer(server, "Eve").refused(), "denied", "who was blocked meanwhile is blocked")
    is_(Peer(server, "New", key="mallory").refused(), "denied", "closed: who is not there does not come")
    does(state, "one is added", "user", "add", "New", finger(MALLORY))
    ok(Peer(server, "New", key="mallory").handshake().settled(), "and comes")
    server.kill()
    ok(os.path.exists(state + "/control"), "a server that is killed leaves its socket")
    does(state, "which does not mislead commands", "user", "unblock", "Eve")
    server = Server("--register", "closed", state=state)
    ok(Peer(server, "Eve").handshake().settled(), "nor the next server")
    is_(server.stop(), 0, "which ends as it should")


def test_many():
    """Commands at once, some for the same name, while it comes and goes."""
    server = Server(*LIFTED)
    Peer(server, "Adam").handshake().close()
    done = threading.Event()
    seen = set()

    def come_and_go():
        while not done.is_set():
            try:
                peer = Peer(server, "Adam").handshake()
                peer.send({"type": "bye"})
                while peer.receive()["type"] != "bye":
                    pass
                peer.close()
                seen.add("in")
            except Closed as refusal:
                seen.add(str(refusal))

    guests = [threading.Thread(target=come_and_go) for _ in range(2)]
    for guest in guests:
        guest.start()
    statuses = []
    threads = [threading.Thread(target=lambda word=word: statuses.append(command(server.state, "user", word, "Adam")))
               for word in ("block", "unblock") * 12]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    is_(statuses, [(0, "", "")] * 24, "24 commands at once, and each succeeds")
    does(server.state, "the last one blocks", "user", "block", "Adam")
    done.set()
    for guest in guests:
        guest.join()
    ok("in" in seen, "in between he was let in")
    is_(Peer(server, "Adam").refused(), "denied", "after it he is not")
    watcher = Peer(server, "Watcher", key="relay").handshake()
    watcher.send({"type": "list"})
    is_([user["name"] for user in watcher.receive("list")["data"]], ["Watcher"], "nor is he there")
    is_(server.stop(), 0, "the server ends as it should")


def talk(state, data, half=True):
    """Sends data to the server's socket and gives the answer."""
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(DEADLINE)
        wire.connect(os.path.join(state, "control"))
        answer = b""
        try:
            wire.sendall(data)
            if half:
                wire.shutdown(socket.SHUT_WR)
            while piece := wire.recv(65536):
                answer += piece
        except (ConnectionError, BrokenPipeError):
            pass
        return answer


def test_socket():
    server = Server()
    is_(talk(server.state, b"flush\n"), b"ok\n", "a request gets an answer")
    like(talk(server.state, b"make coffee\n"), rb"\Aerror .*another version\n\Z", "one that is not known an error")
    like(talk(server.state, b"user \x1b[2J\n"), rb"\Aerror .*not a name\n\Z", "one with a bad name as well")
    like(talk(server.state, b"user\n"), rb"\Aerror .*not a name\n\Z", "and one without")
    like(talk(server.state, b"user " + b"a" * 200 + b"\n"), rb"\Aerror ", "and one with a long one")
    for data, name in ((b"", "nothing"), (b"flush", "no end"), (b"x" * 100000, "a line without end"),
                       (b"flush\nflush\n", "two lines"), (b"\0" * 256, "zeros")):
        is_(talk(server.state, data), b"", "%s gets none" % name)
    is_(talk(server.state, b"\n", half=False)[:6], b"error ", "an empty line is not known")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(os.path.join(server.state, "control"))
        is_(command(server.state, "user", "add", "Adam", finger(ADAM))[0], 0, "one that says nothing is not waited for")
    is_(server.stop(), 0, "the server ends as it should")

    state = new_state()
    with open(state + "/control", "w", encoding="ascii") as file:
        file.write("mine")
    server = Server(state=state, ready=False)
    is_(server.wait(), 2, "a file in the socket's place ends the start")
    like(server.err.text(), r"control is in the way and not a socket: move it away", "and is named")
    with open(state + "/control", encoding="ascii") as file:
        is_(file.read(), "mine", "and stays")

    deep = os.path.join(folder(), "d" * 100, "e" * 100)
    server = Server(state=deep, ready=os.path.exists("/proc/self/fd"))
    if os.path.exists("/proc/self/fd"):
        does(deep, "a long path is no trouble", "user", "add", "Adam", finger(ADAM))
        is_(Peer(server, "Adam", key="eve").refused(), "name-taken", "the command reached the server")
        is_(server.stop(), 0, "which ends as it should")
    else:
        is_(server.wait(), 2, "a path that is too long ends the start")
        like(server.err.text(), r"too long for a socket", "and is told of")
        skip(1, "no /proc")


def refused_by_both(state, pattern, name):
    """Neither the server nor a command takes the state directory's registry, and neither changes it."""
    path = state + "/registry.db"
    with open(path, "rb") as file:
        before = file.read()
    server = Server(state=state, ready=False)
    is_(server.wait(), 2, "%s: the server does not start" % name)
    like(server.err.text(), pattern, "and says why")
    for arguments in (("users",), ("user", "add", "Adam", finger(ADAM)), ("user", "remove", "Adam")):
        fails(state, 2, pattern, "%s: nor does %s work" % (name, " ".join(arguments[:2])), *arguments)
    with open(path, "rb") as file:
        ok(file.read() == before, "%s: nothing was overwritten" % name)


def test_strange():
    state = new_state()
    with open(state + "/registry.db", "wb") as file:
        file.write(b"Dear diary\n" * 1000)
    refused_by_both(state, r"registry.db is not a registry, .*left as it is: move it away", "no database")
    state = new_state()
    with sqlite3.connect(state + "/registry.db") as database:
        database.execute("CREATE TABLE users (name TEXT)")
    database.close()
    refused_by_both(state, r"is another program's database", "another's database")
    state = new_state()
    does(state, "a registry", "user", "add", "Adam", finger(ADAM))
    with sqlite3.connect(state + "/registry.db") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    refused_by_both(state, r"made by a newer version .*: use that version", "a newer version's")
    with sqlite3.connect(state + "/registry.db") as database:
        database.execute("PRAGMA user_version = 1")
        database.execute("UPDATE users SET fingerprint = 'SHA256:'")
    database.close()
    server = Server(state=state, ready=False)
    is_(server.wait(), 2, "a row that makes no sense ends the start")
    like(server.err.text(), r"has a row that makes no sense, of \"Adam\"", "and is named")
    fails(state, 2, r"makes no sense", "it cannot be listed", "users")
    does(state, "but removed", "user", "remove", "Adam")
    is_(users(state), {}, "and all is well again")


def mount(path):
    """A tiny disk of its own at path, where this user may make one. Gives whether it is there."""
    return subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k,mode=0700", "tmpfs", path], capture_output=True,
                          check=False).returncode == 0


def unmount(path, mounted):
    if mounted:
        subprocess.run(["umount", path], check=False)


def test_read_only():
    state = new_state()
    mounted = mount(state)
    try:
        does(state, "a registry", "user", "add", "Adam", finger(ADAM))
        if mounted:
            subprocess.run(["mount", "-o", "remount,ro", state], check=True)
        else:
            os.chmod(state + "/registry.db", 0o400)
        if os.access(state + "/registry.db", os.W_OK):
            skip(9, "nothing is read-only for this user")
        else:
            refused_by_both(state, r"[Rr]ead-only", "a read-only registry")
    finally:
        unmount(state, mounted)


def test_full():
    """A server that may write no more, from one moment to the next."""
    if not hasattr(resource, "prlimit"):
        skip(9, "limits of other processes cannot be set")
        return
    server = Server(*LIFTED)
    Peer(server, "Adam").handshake().bye()
    limits = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    size = os.stat(server.state + "/registry.db-wal").st_size
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, limits[1]))
    for _ in range(3):
        is_(Peer(server, "New", key="eve").refused(), "busy", "on a full disk a new name is refused as busy")
    ok(Peer(server, "Adam").handshake().settled(), "one that is known comes in")
    is_(Peer(server, "Adam", key="mallory").refused(), "name-taken", "and is nobody else's")
    said = server.err.so_far()
    is_(said.count(b" error cannot "), 1, "the log says so once")
    like(said, rb"error cannot (use|write) .*registry.db.*; until that is mended new names are refused", "and why")
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, limits)
    ok(Peer(server, "New", key="eve").handshake().settled(), "when there is room again new names are taken")
    server.err.expect(r"info new names are taken again")
    is_(server.stop(), 0, "and the server ends as it should")


def test_tiny_disk():
    """A disk that is really full."""
    state = new_state()
    mounted = mount(state)
    if not mounted:
        skip(6, "no file system can be mounted")
        return
    server = Server(*LIFTED, state=state)
    try:
        Peer(server, "Adam").handshake().bye()
        with open(state + "/filler", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        is_(Peer(server, "New", key="eve").refused(), "busy", "a disk is full: a new name is refused")
        server.err.expect(r"error cannot write .*registry.db: the disk is full; until")
        ok(Peer(server, "Adam").handshake().settled(), "one that is known comes in")
        fails(state, 2, r"disk is full", "a command fails", "user", "add", "New", finger(EVE))
        os.unlink(state + "/filler")
        ok(Peer(server, "New", key="eve").handshake().settled(), "when there is room again new names are taken")
        is_(server.stop(), 0, "and the server ends as it should")
        is_(sorted(users(state)), ["Adam", "New"], "nothing was lost")
    finally:
        server.clean_up()
        unmount(state, mounted)


def test_lost():
    server = Server(*LIFTED)
    Peer(server, "Adam").handshake().bye()
    os.rename(server.state + "/registry.db", server.state + "/away")
    is_(Peer(server, "New", key="eve").refused(), "busy", "without its file a server takes no new names")
    server.err.expect(r"error .*registry.db was moved or deleted under the program: put it back")
    ok(Peer(server, "Adam").handshake().settled(), "and those that are known go on")
    ok(not os.path.exists(server.state + "/registry.db"), "no other file is made in its place")
    is_(server.stop(), 0, "the server ends as it should")


def main():
    require_cryptography()
    test_alone()
    test_running()
    test_many()
    test_socket()
    test_strange()
    test_read_only()
    test_full()
    test_tiny_disk()
    test_lost()


run(main)
