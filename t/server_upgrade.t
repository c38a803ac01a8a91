#!/usr/bin/env python3
"""A server that hands over to a new one, and one that does not because the new one cannot take over."""

import os
import pwd
import select
import signal
import socket
import subprocess
import sys
import time

from harness import *
from harness import SERVER, WRAP
from succession import *
from wire import *

NOBODY = "nobody"


def status_of(pid):
    with open("/proc/%d/status" % pid, encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def command(relay, *arguments):
    """Runs a command to its end. Gives status, stdout, stderr."""
    process = Process([SERVER, "--config", "/dev/null", "--state-dir", relay.state] + list(arguments),
                      label=" ".join(arguments), stdin=subprocess.DEVNULL)
    status = process.wait()
    return status, process.out.text(), process.err.text()


def has_sandbox(relay):
    return "\nsandbox = on\n" in command(relay, "--check-config")[1] and not WRAP


# ---- it succeeds --------------------------------------------------------------------------------------------------


def name_of(pid):
    with open("/proc/%d/comm" % pid, encoding="ascii") as file:
        return file.read()


def test_processes():
    relay = Succession(*LIFTED)
    first = relay.now
    starter, = children(first)
    # The server does not wait for it to have its name.
    while name_of(starter) == name_of(first):
        select.select([], [], [], 0.01)
    is_(name_of(starter), "upgrade-starter\n", "there is a process that starts the next server")
    if WRAP:
        skip(2, "a checking tool shows its own command line and descriptors")
    else:
        with open("/proc/%d/cmdline" % starter, "rb") as file:
            is_(file.read().rstrip(b"\0"), b"chatsecure-server: starts its successor", "and says so")
        kinds = sorted(os.readlink("/proc/%d/fd/%s" % (starter, name)).split(":")[0]
                       for name in os.listdir("/proc/%d/fd" % starter) if int(name) > 2)
        is_(kinds, ["socket"], "it has a socket to the server, and nothing else")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2):
        os.kill(starter, number)
    adam = Peer(relay, "Adam").handshake()
    adam.send(adam.com("Eve"))
    is_(adam.receive("error")["code"], "no-such-user", "who is not there is no user")
    is_(relay.upgrade(), 0, "at SIGUSR2 the server hands over, and ends with 0")
    ok(relay.now != first and is_alive(relay.now), "another serves")
    wait_for_end(starter)
    reached("who has started it is gone")
    is_(adam.receive(), {"type": "bye", "reason": "restart"}, "a client is told that the server restarts")
    adam.ended()
    adam = Peer(relay, "Adam").handshake()
    ok(adam.settled(), "and is served by the next")
    adam.send(adam.com("Eve"))
    is_(adam.receive("error")["code"], "busy", "who is not back yet is waited for")
    sandbox = has_sandbox(relay)
    for _ in range(2):
        relay.upgrade()
    if sandbox:
        status = status_of(relay.now)
        is_(status["Seccomp"], "2", "the new server is in the sandbox")
        is_(status.get("Seccomp_filters", "1"), "1", "and in no more of it for each server before")
        is_(status_of(children(relay.now)[0])["Seccomp"], status_of(os.getpid())["Seccomp"],
            "who starts the next is not")
    else:
        skip(3, "no sandbox in this build")
    is_(status_of(relay.now)["NoNewPrivs"], "1", "it cannot get new privileges")
    starter, = children(relay.now)
    is_(relay.stop(), 0, "a server that has taken over ends as it should")
    wait_for_end(starter)
    reached("and nothing of it is left")


def test_command():
    relay = Succession(*LIFTED)
    for arguments in (("upgrade",), ("--upgrade",)):
        status, out, err = command(relay, *arguments)
        is_((status, err), (0, ""), "the command %s has it hand over" % arguments[0])
        relay.take_over()
        is_(out, "%d\n" % relay.now, "and prints the process that takes over")
    relay.write("echo 'no luck today' >&2; exit 7")
    status, out, err = command(relay, "upgrade")
    is_((status, out), (2, ""), "if it does not, the command fails")
    like(err, r"\Achatsecure-server: no upgrade: the new server has ended \(status 7\): no luck today\n\Z",
         "and says why")
    is_(command(relay, "--upgrade", "users")[0], 1, "--upgrade is no option for another command")
    is_(relay.stop(), 0, "the server ends as it should")
    like(command(relay, "upgrade")[2], r"no server runs in ", "without a server there is nothing to upgrade")


def test_settings():
    """The new server reads its files as they are by then."""
    config = write_file("server.conf", "name = First\n")
    relay = Succession("--config", config, *LIFTED)
    write_file("server.conf", "name = Second\nregister = closed\nlisten = 127.0.0.1:1\n")
    relay.tell(signal.SIGHUP)
    relay.err.expect(r"warning name has changed in the configuration file: that takes a restart$")
    relay.upgrade()
    relay.err.expect(r"name Second, key ")
    reached("what takes a restart is in force after an upgrade")
    is_(Peer(relay, "Adam").refused(), "denied", "and so is the rest")
    write_file("server.conf", "name = Third\n")
    relay.upgrade()
    relay.err.expect(r"name Third, key ")
    adam = Peer(relay, "Adam").handshake()
    ok(adam.settled(), "without a reload, too")
    write_file("server.conf", "name = Fourth\n")
    relay.tell(signal.SIGHUP)
    relay.err.expect(r"files were read again$")
    ok(adam.settled(), "the new server reads its files at SIGHUP")
    is_(relay.stop(), 0, "and ends as it should")


def test_last_handshakes():
    """Who is in the handshake gets to its end, and what waits for a slow reader arrives, but the next server does not
    wait for that."""
    count = 100
    relay = Succession("--outbox-bytes=16M", "--rate=0", "--message-rate=0", *LIFTED)
    adam, eve = Peer(relay, "Adam").handshake(), Peer(relay, "Eve", receive_buffer=4096).handshake()
    for number in range(count):
        adam.send(dict(adam.com("Eve", number), fill="a" * 30000))
    adam.settled()
    late = Peer(relay, "Mallory")
    late.send_line(late.phase1())
    late.take_phase2(late.line())
    relay.tell(signal.SIGUSR2)
    is_(adam.receive(), {"type": "bye", "reason": "restart"}, "those who are connected are told")
    late.send_line(late.phase3())
    late.take_phase4(late.open(late.line()))
    reached("who is in the handshake gets to its end")
    is_(late.receive(), {"type": "bye", "reason": "restart"}, "and is told then")
    relay.out.expect(rb"^listening ")
    adam = Peer(relay, "Adam").handshake()
    ok(adam.settled(), "the new server serves while one has not fetched what waits for it")
    is_([eve.receive("client-com")["id"] for _ in range(count)], ["m%d" % number for number in range(count)],
        "who gets all of it")
    is_(eve.receive(), {"type": "bye", "reason": "restart"}, "and is told as well")
    for peer in (eve, late):
        peer.close()
    is_(relay.wait(), 0, "then the old server ends")
    relay.now = int(relay.err.expect(r"process (\d+) is ready").group(1))
    is_(relay.stop(), 0, "and the new one when it is told to")


def test_user():
    if os.geteuid() != 0:
        skip(1, "not root")
        return
    nobody = pwd.getpwnam(NOBODY)
    os.chmod(folder(), 0o711)
    state = os.path.join(folder(), "of-nobody", "state")
    os.mkdir(os.path.dirname(state), 0o755)
    relay = Succession("--user", NOBODY, *LIFTED, state=state, identity=None)
    Peer(relay, "Adam").handshake().bye()
    is_(relay.upgrade(), 0, "a server that has become another user hands over")
    is_(status_of(relay.now)["Uid"].split(), [str(nobody.pw_uid)] * 4, "to one that is that user")
    is_(Peer(relay, "Adam", key="eve").refused(), "name-taken", "with the same registry")
    key_file = os.path.join(state, "identity.pem")
    os.chown(key_file, 0, 0)
    relay.tell(signal.SIGUSR2)
    relay.err.expect(r"error no upgrade: the new server has ended \(status 2\): .*identity\.pem: Permission denied")
    ok(Peer(relay, "Adam").handshake().settled(), "one that cannot read its key leaves the old one in its place")
    os.chown(key_file, nobody.pw_uid, nobody.pw_gid)
    os.chown(relay.program, nobody.pw_uid, nobody.pw_gid)
    relay.tell(signal.SIGUSR2)
    relay.err.expect(r"error no upgrade: .*status 127\): cannot start .*; the server's user may not be able to write")
    reached("and so does a program that the server could have changed itself")
    os.chown(relay.program, 0, 0)
    is_(relay.upgrade(), 0, "else it goes on")
    is_(relay.stop(), 0, "the server ends as it should")


# Becomes the server, with a socket from its manager.
TRAMPOLINE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.closerange(4, 256)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execvp(sys.argv[2], sys.argv[2:])
"""


def test_manager():
    """Under a service manager, with its socket."""
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.settimeout(DEADLINE)
    path = os.path.join(folder(), "notify")
    manager.bind(path)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = "127.0.0.1:%d" % listener.getsockname()[1]
        server = Process([sys.executable, "-c", TRAMPOLINE, str(listener.fileno()), SERVER, "--config", "/dev/null",
                          "--key", key("relay"), "--state-dir", folder("activated")], stdin=subprocess.DEVNULL,
                         pass_fds=(listener.fileno(),), env=environment(LISTEN_FDS="1", NOTIFY_SOCKET=path))
    is_(manager.recv(1000), b"READY=1", "the manager hears that the server is ready")
    server.signal(signal.SIGUSR2)
    like(manager.recv(1000), rb"\ARELOADING=1\nMONOTONIC_USEC=\d+\Z", "that it is about to hand over")
    pid = int(server.err.expect(r"process (\d+) is ready, and takes over$").group(1))
    is_(manager.recv(1000), b"MAINPID=%d" % pid, "to which process")
    is_(manager.recv(1000), b"READY=1", "and that this is ready")
    is_(server.wait(), 0, "the old server ends with 0")
    ok(Peer(address, "Adam").handshake().settled(), "the new one has the manager's socket")
    os.kill(pid, signal.SIGHUP)
    like(manager.recv(1000), rb"\ARELOADING=1\n", "and tells the manager on its own")
    is_(manager.recv(1000), b"READY=1", "what it does")
    os.kill(pid, signal.SIGTERM)
    is_(manager.recv(1000), b"STOPPING=1", "to its end")
    wait_for_end(pid)
    manager.close()


# ---- it does not --------------------------------------------------------------------------------------------------


def fails(relay, adam, what, *patterns):
    """The next upgrade leaves all as it is."""
    relay.tell(signal.SIGUSR2)
    for pattern in patterns:
        relay.err.expect(pattern)
        reached("%s: the log has %s" % (what, pattern))
    ok(adam.settled() and is_alive(relay.now), "%s: the server goes on, and a client is not disturbed" % what)


def test_failures():
    config = write_file("failing.conf", "")
    relay = Succession("--config", config, "--upgrade-timeout", "1", *LIFTED)
    adam = Peer(relay, "Adam").handshake()
    relay.write("echo one >&2\necho 'two\033[2J' >&2\nexit 1")
    fails(relay, adam, "a program that fails", r"warning the new server: one$",
          r"warning the new server: two\\x1b\[2J$",
          r"error no upgrade: the new server has ended \(status 1\): two\\x1b\[2J$")
    relay.write("exec sleep 600")
    fails(relay, adam, "one that hangs", r"a new server was started, process \d+$",
          r"error no upgrade: the new server has said nothing for 1 seconds$")
    is_(len(children(relay.pid)), 1, "and is not there any more")
    relay.write("kill -SEGV $$")
    fails(relay, adam, "one that crashes", r"error no upgrade: the new server has ended \(signal 11\)$")
    # In few lines: more of them than a pipe holds may cost the log its last.
    relay.write("yes $(printf %0500d 0) >&2")
    fails(relay, adam, "one that has much to say", r"error no upgrade: the new server has said nothing for .*: 0+$")
    relay.write('eval "echo hello >&$CHATSECURE_HANDOVER"; exec sleep 600')
    fails(relay, adam, "one that is another program", r"error no upgrade: the new server is none$")
    relay.remove()
    fails(relay, adam, "one that is not there", r"error no upgrade: .*cannot start \S+: No such file")
    relay.put(key("relay"))
    fails(relay, adam, "one that is none", r"error no upgrade: .*cannot start \S+: Exec format error")
    relay.put(SERVER)
    write_file("failing.conf", "rate = much\n")
    fails(relay, adam, "a configuration that is wrong", r"error no upgrade: .*failing\.conf:1: rate takes a number")
    write_file("failing.conf", "register = allow /nowhere/list\n")
    fails(relay, adam, "a list that is not there", r"error no upgrade: .*cannot read /nowhere/list")
    write_file("failing.conf", "certificate = /nowhere/chain\n")
    fails(relay, adam, "a certificate that is not there", r"error no upgrade: .*/nowhere/chain")
    write_file("failing.conf", "")
    registry = os.path.join(relay.state, "registry.db")
    os.rename(registry, registry + ".away")
    fails(relay, adam, "a registry that is not there", r"error no upgrade: .*registry\.db")
    os.rename(registry + ".away", registry)
    is_(relay.upgrade(), 0, "when all is well, it hands over")
    starter, = children(relay.now)
    os.kill(starter, signal.SIGKILL)
    adam = Peer(relay, "Adam").handshake()
    fails(relay, adam, "nobody to start it", r"error there is no process that could start another server$")
    is_(relay.stop(), 0, "the server ends as it should")


def test_passphrase():
    """An encrypted key."""
    state = folder("encrypted")
    secret = write_file("secret", "open sesame\n")
    subprocess.run([SERVER, "keygen", "--bits", "2048", "--state-dir", state, "--passphrase-file", secret], check=True,
                   stdout=subprocess.DEVNULL, env=environment())
    relay = Succession("--passphrase-file", secret, state=state, identity=None)
    is_(relay.upgrade(), 0, "with --passphrase-file the new server opens it as well")
    is_(relay.stop(), 0, "the server ends as it should")
    with open(secret, "rb") as file:
        relay = Succession("--passphrase-fd", str(file.fileno()), state=state, identity=None, pass_fds=[file.fileno()])
    fails(relay, Peer(relay, "Adam").handshake(), "with --passphrase-fd it cannot",
          r"error no upgrade: .*what --passphrase-fd had is read already: for an upgrade give --passphrase-file$")
    is_(relay.stop(), 0, "the server ends as it should")


def test_ends_meanwhile():
    """SIGTERM, and ends that nobody has asked for, in the middle of it."""
    relay = Succession(*LIFTED)
    relay.write("exec sleep 600")
    adam = Peer(relay, "Adam").handshake()
    relay.tell(signal.SIGUSR2)
    hanging = int(relay.err.expect(r"a new server was started, process (\d+)$").group(1))
    begin = time.monotonic()
    relay.tell(signal.SIGTERM)
    is_(adam.receive(), {"type": "bye", "reason": "shutdown"}, "a server that waits for the new one ends at SIGTERM")
    adam.close()
    is_(relay.end(), 0, "as it should")
    ok(time.monotonic() - begin < scaled(5), "within five seconds")
    wait_for_end(hanging)
    reached("and takes the new one along")

    for number, name, status in ((signal.SIGTERM, "at SIGTERM", 0), (None, "when the new one is gone", 2)):
        relay = Succession(*LIFTED)
        half = Peer(relay, "Eve")
        half.send_line(half.phase1())
        half.take_phase2(half.line())
        relay.tell(signal.SIGUSR2)
        new = int(relay.err.expect(r"process (\d+) is ready, and takes over$").group(1))
        if number is None:
            os.kill(new, signal.SIGKILL)
            wait_for_end(new)
        else:
            relay.tell(number)
            relay.err.expect(r"info stopping: SIGTERM$")
        half.send_line(half.phase3())
        half.close()
        is_(relay.end(), status, "one that is about to hand over ends with %d %s" % (status, name))
        wait_for_end(new)
        reached("and no server is left")
    like(relay.err.text(), r"error the server that was to take over is gone$", "the log says so")

    relay = Succession(*LIFTED)
    relay.write("exec sleep 600")
    relay.tell(signal.SIGUSR2)
    hanging = int(relay.err.expect(r"a new server was started, process (\d+)$").group(1))
    relay.kill()
    wait_for_end(hanging)
    reached("one that is killed takes along whom it has started")


def test_environment():
    for value in ("none", "2", "99", "4294967296"):
        server = Server(ready=False, env=environment(CHATSECURE_HANDOVER=value))
        is_(server.wait(), 2, "CHATSECURE_HANDOVER=%s ends the start" % value)
        like(server.err.text(), r"CHATSECURE_HANDOVER=%s is not what a server leaves" % value, "which is said")


def main():
    require_cryptography()
    if not os.path.exists("/proc/self/task/%d/children" % os.getpid()):
        skip_all("the system does not show the children of a process")
    test_processes()
    test_command()
    test_settings()
    test_last_handshakes()
    test_user()
    test_manager()
    test_failures()
    test_passphrase()
    test_ends_meanwhile()
    test_environment()


run(main)
