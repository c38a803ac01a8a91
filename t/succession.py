"""A relay that is upgraded: one server after the other, seen as one.

    line = Succession(*LIFTED)     # a Server, whose program is a copy of its own that a test may replace
    line.upgrade()                 # SIGUSR2; .now is the process id of the one that serves by then
    line.stop()

Only the first is a child of the script; the others become so when who has started them ends, where the system knows
such a thing as a subreaper.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import tempfile
import time

import harness
from harness import Server, folder

__all__ = ["Succession", "children", "is_alive", "wait_for_end"]

PR_SET_CHILD_SUBREAPER = 36

# How often it is looked whether a process that is nobody's child has ended.
STEP = 0.01


def adopt():
    """Has the script get its grandchildren whose parent ends."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children(pid):
    """The processes that pid has started and that run."""
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def is_alive(pid):
    """Whether there is such a process, which has not just ended."""
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def wait_for_end(pid):
    """Waits until the process has ended. Its status as subprocess has it, or None if it is nobody's child."""
    deadline = time.monotonic() + harness.DEADLINE
    while time.monotonic() < deadline:
        try:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended == pid:
                return os.waitstatus_to_exitcode(status)
        except ChildProcessError:
            if not is_alive(pid):
                return None
        time.sleep(STEP)
    raise harness.Failure("process %d has not ended in time" % pid)


class Succession(Server):
    """A server with a program of its own at .program."""

    def __init__(self, *options, **keywords):
        adopt()
        self.program = os.path.join(tempfile.mkdtemp(prefix="program-", dir=folder()), "chatsecure-server")
        self.now = None
        self.put(harness.SERVER)
        os.chmod(os.path.dirname(self.program), 0o755)
        super().__init__(*options, program=self.program, **keywords)
        self.now = self.pid

    def put(self, path):
        """Has another file be the program."""
        self.remove()
        shutil.copyfile(path, self.program + ".new")
        os.chmod(self.program + ".new", 0o755)
        os.rename(self.program + ".new", self.program)

    def write(self, script):
        """Has a shell script be the program."""
        with open(self.program + ".script", "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + script)
        self.put(self.program + ".script")

    def remove(self):
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.program)

    def tell(self, number):
        """Sends a signal to the one that serves."""
        if self.now == self.pid:
            self.signal(number)
        else:
            os.kill(self.now, number)

    def end(self):
        """Waits for the end of the one that served. Its status."""
        return self.wait() if self.now == self.pid else wait_for_end(self.now)

    def take_over(self, pid=None):
        """Waits until the next one serves and the one before has ended. Gives the status of that. The log has which
        one it is, unless the test knows."""
        if pid is None:
            pid = int(self.err.expect(r"info upgrade: process (\d+) is ready, and takes over$").group(1))
        for _ in self.addresses:
            self.out.expect(rb"^listening ")
        status = self.end()
        self.now = pid
        return status

    def upgrade(self):
        self.tell(signal.SIGUSR2)
        return self.take_over()

    def stop(self):
        self.tell(signal.SIGTERM)
        return self.end()

    def clean_up(self):
        if self.now not in (None, self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.now, signal.SIGKILL)
            wait_for_end(self.now)
        super().clean_up()
