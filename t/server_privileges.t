#!/usr/bin/env python3
"""What the server gives up: the rights of root, new ones, and system calls."""

import os
import pwd
import signal
import subprocess
import tempfile

from harness import *
from harness import SERVER
from wire import *

NOBODY = "nobody"


def status_of(path):
    with open(path, encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def threads_of(server):
    base = "/proc/%d/task" % server.pid
    return [status_of("%s/%s/status" % (base, task)) for task in os.listdir(base)]


def has_sandbox():
    done = subprocess.run([SERVER, "--check-config", "--config", "/dev/null"], capture_output=True, text=True,
                          env=environment(), check=True)
    return "\nsandbox = on\n" in done.stdout


def test_sandbox():
    server = Server(*LIFTED)
    adam = Peer(server, "Adam").handshake()
    if not os.path.exists("/proc/self/task"):
        skip(1, "no /proc")
    elif has_sandbox() and "--sandbox" not in server.argv:
        is_({thread["Seccomp"] for thread in threads_of(server)}, {"2"}, "all threads are in the sandbox by default")
    else:
        skip(1, "no sandbox in this build")
    if os.path.exists("/proc/self/task") and "NoNewPrivs" in status_of("/proc/self/status"):
        is_({thread["NoNewPrivs"] for thread in threads_of(server)}, {"1"}, "and cannot get new privileges")
    else:
        skip(1, "the system does not say whether there may be new privileges")
    ok(adam.settled(), "clients are served")
    is_(server.stop(), 0, "the server ends as it should")
    server = Server("--sandbox", "off")
    if os.path.exists("/proc/self/task"):
        is_({thread["Seccomp"] for thread in threads_of(server)}, {status_of("/proc/self/status")["Seccomp"]},
            "--sandbox off leaves all as it is")
    else:
        skip(1, "no /proc")
    is_(server.stop(), 0, "the server ends as it should")
    wrong = Server("--sandbox", "maybe", ready=False)
    is_(wrong.wait(), 1, "there is on and off")
    like(wrong.err.text(), r"--sandbox takes on or off, not \"maybe\"", "which is said")


def command(state, *arguments):
    """Runs a command of root's. Gives status, stdout, stderr."""
    done = subprocess.run([SERVER, "--config", "/dev/null", "--state-dir", state, *arguments], capture_output=True,
                          text=True, env=environment(), check=False)
    return done.returncode, done.stdout, done.stderr


def test_commands_of_root(state, user):
    """Without --user, in a state directory that is another's."""
    status, out, err = command(state, "users")
    is_((status, out.split(" ")[0], err), (0, "Adam", ""), "root may leave out --user")
    is_(command(state, "user", "block", "Mallory"), (0, "", ""), "and change the registry, too")
    like(command(state, "stats")[1], r"^chatsecure_clients 0$", "and ask the server")
    fingerprint = command(state, "fingerprint")
    like(fingerprint[1], r"\ASHA256:", "and have the fingerprint")
    is_(command(state, "--print-fingerprint"), fingerprint, "by the option as well")
    is_({os.stat(os.path.join(state, name)).st_uid for name in os.listdir(state)}, {user.pw_uid},
        "and nothing in it is root's then")
    trap = os.path.join(folder(), "of-nobody", "trap")
    os.mkdir(trap, 0o755)
    os.chown(trap, 12345, 12345)
    os.symlink(os.path.join(folder(), "stolen"), os.path.join(trap, "registry.db"))
    is_(command(trap, "user", "add", "Mallory", fingerprint[1].strip())[0], 2, "the owner's links lead root nowhere")
    ok(not os.path.exists(os.path.join(folder(), "stolen")), "where the owner could not go")
    is_(command(trap, "keygen", "--bits", "2048")[0], 0, "an owner without a name will do")
    is_(os.stat(os.path.join(trap, "identity.pem")).st_uid, 12345, "and has what is made")
    mine = os.path.join(folder(), "mine.pem")
    is_(command(state, "--key", mine, "keygen", "--bits", "2048")[0], 0, "a key elsewhere is made")
    is_(os.stat(mine).st_uid, 0, "by root")


def test_user():
    if os.geteuid() != 0:
        skip(1, "not root")
        wrong = Server("--user", "root", ready=False)
        is_(wrong.wait(), 2, "who is not root cannot become somebody else")
        like(wrong.err.text(), r"only root can become root", "which is said")
        return
    nobody = pwd.getpwnam(NOBODY)
    os.chmod(folder(), 0o711)
    state = os.path.join(folder(), "of-nobody", "state")
    os.mkdir(os.path.dirname(state), 0o755)
    server = Server("--user", NOBODY, *LIFTED, state=state, identity=None)
    seen = threads_of(server)
    is_({tuple(thread["Uid"].split()) for thread in seen}, {(str(nobody.pw_uid),) * 4}, "every thread is the user's")
    is_({tuple(thread["Gid"].split()) for thread in seen}, {(str(nobody.pw_gid),) * 4}, "and of the user's group")
    unlike(" %s " % seen[0]["Groups"], r" 0 ", "and not of root's")
    is_({thread["CapEff"].strip("0") for thread in seen}, {""}, "and has no rights of root's")
    is_({os.stat(os.path.join(state, name)).st_uid for name in os.listdir(state)} | {os.stat(state).st_uid},
        {nobody.pw_uid}, "all of the state is the user's")
    Peer(server, "Adam", key="adam").handshake().bye()
    server.signal(signal.SIGHUP)
    server.err.expect(r"files were read again")
    done = subprocess.run([SERVER, "users", "--user", NOBODY, "--state-dir", state], capture_output=True, text=True,
                          env=environment(), check=False)
    is_((done.returncode, done.stdout.split(" ")[0]), (0, "Adam"), "a command becomes the user as well")
    is_({os.stat(os.path.join(state, name)).st_uid for name in os.listdir(state)}, {nobody.pw_uid},
        "and leaves nothing of root's behind")
    test_commands_of_root(state, nobody)
    is_(server.stop(), 0, "the server ends as it should")
    server = Server("--user", "%s:daemon" % NOBODY, state=state, identity=None)
    is_(threads_of(server)[0]["Gid"].split()[0], "1", "another group can be given")
    is_(server.stop(), 0, "the server ends as it should")
    wrong = Server("--user", NOBODY, ready=False)
    is_(wrong.wait(), 2, "a key that the user cannot read ends the start")
    for name, what in (("no-such-user", "there is no user no-such-user"),
                       (NOBODY + ":no-such-group", "there is no group no-such-group")):
        wrong = Server("--user", name, state=tempfile.mkdtemp(dir=folder()), ready=False)
        is_(wrong.wait(), 2, what)
        like(wrong.err.text(), what + " for --user", "which is said")


def main():
    require_cryptography()
    test_sandbox()
    test_user()


run(main)
