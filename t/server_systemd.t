#!/usr/bin/env python3
"""The server under a service manager, and what is installed for systemd."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys

from harness import *
from harness import SERVER
from wire import *


def manager(name):
    """A socket for notifications, and its address in NOTIFY_SOCKET."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.settimeout(DEADLINE)
    if name.startswith("@"):
        listener.bind("\0" + name[1:])
        return listener, name
    path = os.path.join(folder(), name)
    listener.bind(path)
    return listener, path


def test_notify():
    listener, path = manager("notify")
    server = Server(env=environment(NOTIFY_SOCKET=path))
    is_(listener.recv(1000), b"READY=1", "the manager is told when the server is ready")
    server.signal(signal.SIGHUP)
    like(listener.recv(1000), rb"\ARELOADING=1\nMONOTONIC_USEC=\d+\Z", "and when it reads its files")
    is_(listener.recv(1000), b"READY=1", "and when it has")
    server.signal(signal.SIGTERM)
    is_(listener.recv(1000), b"STOPPING=1", "and when it stops")
    is_(server.wait(), 0, "which it does")
    listener, path = manager("@chatsecure-%d" % os.getpid())
    server = Server(env=environment(NOTIFY_SOCKET=path))
    is_(listener.recv(1000), b"READY=1", "a manager without a file is told too")
    listener.close()
    server.signal(signal.SIGHUP)
    server.err.expect("files were read again")
    is_(server.stop(), 0, "and one that goes away is not missed")
    server = Server(env=environment(NOTIFY_SOCKET=os.path.join(folder(), "nowhere")), ready=False)
    is_(server.wait(), 2, "one that is not there ends the start")
    like(server.err.text(), r"cannot reach the service manager at NOTIFY_SOCKET=.*nowhere", "and is named")


# Becomes the server, with a socket from its manager.
TRAMPOLINE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.closerange(4, 256)
os.environ["LISTEN_PID"] = sys.argv[2] or str(os.getpid())
os.execvp(sys.argv[3], sys.argv[3:])
"""


def activated(descriptor, *options, count="1", pid=""):
    argv = [SERVER, "--config", "/dev/null", "--key", key("relay"), "--state-dir", folder("activated")]
    return Process([sys.executable, "-c", TRAMPOLINE, str(descriptor), pid] + argv + list(options),
                   stdin=subprocess.DEVNULL, pass_fds=(descriptor,),
                   env=environment(LISTEN_FDS=count, LISTEN_FDNAMES="connections"))


def test_activation():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        early = socket.create_connection(("127.0.0.1", port))
        server = activated(listener.fileno(), "--listen", "127.0.0.1:1")
        server.out.expect(rb"^listening 127\.0\.0\.1:%d SHA256:" % port)
        reached("a socket that is handed over is listened to, in place of those asked for")
        server.err.expect(r"connection from 127\.0\.0\.1")
        reached("and who has come before the server is let in")
        early.close()
        server.signal(signal.SIGTERM)
        is_(server.wait(), 0, "the server ends as it should")
        server = activated(listener.fileno(), "--listen", "127.0.0.1:0", pid="1")
        match = server.out.expect(rb"^listening 127\.0\.0\.1:(\d+) SHA256:")
        ok(int(match.group(1)) != port, "one for another process is not")
        server.signal(signal.SIGTERM)
        is_(server.wait(), 0, "the server ends as it should")
        server = activated(listener.fileno(), count="2")
        is_(server.wait(), 2, "one that is not there ends the start")
        like(server.err.text(), r"descriptor 4, which was handed over in LISTEN_FDS, is not a listening TCP socket",
             "and is named")
        server = activated(listener.fileno(), count="many")
        is_(server.wait(), 2, "and so does a number that is none")
    first, second = socket.socketpair()
    server = activated(first.fileno())
    is_(server.wait(), 2, "and a socket of another kind")
    first.close()
    second.close()


def test_unit():
    unit = os.path.join(BUILD, "systemd/chatsecure-server.service")
    with open(unit, encoding="utf-8") as file:
        text = file.read()
    like(text, r"^ExecStart=/\S+/chatsecure-server$", "the unit has the path of the server")
    unlike(text, r"@\w+@", "and nothing is left to fill in")
    like(text, r"^SystemCallFilter=seccomp$", "the server may enter its sandbox")
    like(text, r"^TasksMax=infinity$", "and may have a thread for each client")
    like(text, r"^ExecReload=/\S+/chatsecure-server reload$", "a reload fails when the server says so")
    like(text, r"^Restart=on-failure\nRestartSec=[1-9]$", "it is started again, but not at once")
    like(text, r"^StartLimitIntervalSec=0$", "and however often it takes")
    like(text, r"^LogsDirectory=chatsecure$", "it may write a log")
    if shutil.which("systemd-analyze") is None:
        skip(2, "systemd-analyze is not installed")
        return
    done = subprocess.run(["systemd-analyze", "security", "--offline=yes", unit], capture_output=True, text=True,
                          env=environment(), check=False)
    match = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    if match is None:
        skip(2, "systemd-analyze cannot judge files")
        return
    ok(float(match.group(1)) <= 2.0, "its exposure is %s, of 2.0 at most" % match.group(1))
    unlike(done.stderr, r"Unknown|Failed to parse", "and systemd knows all that is in it")


def test_accounts():
    """Whom the unit runs as, and where its state is."""
    if shutil.which("systemd-sysusers") is None or shutil.which("systemd-tmpfiles") is None or os.geteuid() != 0:
        skip(4, "systemd-sysusers and systemd-tmpfiles are not installed, or this is not root")
        return
    root = folder("root")
    folder("root/etc")
    for tool, name, *options in (("systemd-sysusers", "sysusers.conf"),
                                 ("systemd-tmpfiles", "tmpfiles.conf", "--create")):
        done = subprocess.run([tool, "--root=" + root, *options, os.path.join(SOURCE, "systemd", name)],
                              capture_output=True, text=True, env=environment(), check=False)
        is_(done.returncode, 0, "%s understands %s" % (tool, name))
    with open(os.path.join(root, "etc/passwd"), encoding="utf-8") as file:
        user = re.search(r"^chatsecure:[^:]*:(\d+):\d+:[^:]*:/var/lib/chatsecure:\S*nologin$", file.read(),
                         re.MULTILINE)
    ok(user is not None, "there is a user chatsecure then, whom nobody can be")
    state = os.stat(os.path.join(root, "var/lib/chatsecure"))
    is_((state.st_uid, oct(state.st_mode & 0o777)), (int(user.group(1)), "0o700"), "whose state is nobody else's")


def main():
    require_cryptography()
    test_notify()
    test_activation()
    test_unit()
    test_accounts()


run(main)
