"""What the test scripts share: TAP, and the programs under test as objects that clean up after themselves.

A script is

    from harness import *

    def main():
        server = Server()
        eve = Client(server, "Eve", "--count", "1")
        adam = Client(server, "Adam")
        adam.finish("Eve: hello\\n")
        is_(adam.wait(), 0, "the message was delivered")

    run(main)

Every wait is for an event and has a deadline, DEADLINE seconds, that is generous: to pass it is a failure, and so is it
when the whole takes more than LIMIT seconds. run() stops what still runs, removes the temporary folder, and fails the
script for each program that crashed, whoever looked at it.
Scripts get their paths from the environment that `make check` sets; by hand, set top_builddir to the build tree.

CHATSECURE_TEST_SCALE makes the programs' time longer, for checking tools; CHATSECURE_TEST_WRAP is such a tool.
CHATSECURE_TEST_FULL=1 gives the tests of faults their full sizes, as `make faults` does.
CHATSECURE_TEST_KEEP=1 keeps the temporary folder.
"""

import contextlib
import errno
import fcntl
import os
import pty
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import traceback
import zlib

from screen import Screen

__all__ = [
    "BUILD", "Client", "DEADLINE", "FULL", "Failure", "HERE", "LIFTED", "Output", "Process", "SLOW", "SOURCE",
    "Server", "Terminal", "clean_up", "diag", "environment", "folder", "is_", "key", "like", "ok", "reached",
    "require", "require_cryptography", "resolves", "run", "scaled", "skip", "skip_all", "unlike", "write_file",
]

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.abspath(os.environ.get("top_srcdir", os.path.dirname(HERE)))
BUILD = os.path.abspath(os.environ.get("top_builddir", SOURCE))
CLIENT = os.environ.get("CHATSECURE", os.path.join(BUILD, "src/client/chatsecure"))
SERVER = os.environ.get("CHATSECURE_SERVER", os.path.join(BUILD, "src/server/chatsecure-server"))
BENCH = os.environ.get("CHATSECURE_BENCH", os.path.join(BUILD, "src/bench/chatsecure-bench"))

# A checking tool in front of the programs, such as valgrind, and how much slower it makes them.
WRAP = shlex.split(os.environ.get("CHATSECURE_TEST_WRAP", ""))
SLOW = float(os.environ.get("CHATSECURE_TEST_SCALE", "1"))
FULL = os.environ.get("CHATSECURE_TEST_FULL", "") not in ("", "0")

# What a wait may take, and a script as a whole; the latter so that one that never ends is found where it hangs.
DEADLINE = 60 * min(SLOW, 4)
LIMIT = 2 * 3600 if FULL else 900 * min(SLOW, 2)

# The status that the sanitizers and valgrind are told to end with.
TOOL_STATUS = 99
TOOL_REPORT = re.compile(
    rb"(?:ERROR|WARNING): \w+Sanitizer|^[^\n]*: runtime error: |^==\d+== (?:Invalid|Conditional jump|Use of uninit|"
    rb"[^\n]*definitely lost)", re.MULTILINE)

KEYS = ("adam", "eve", "mallory", "relay")


class Failure(Exception):
    """The script cannot go on; the text says why."""


class SkipAll(Exception):
    """Nothing of the script can run here."""


# TAP.

_run = 0
_failed = 0
_lock = threading.Lock()


def _clean(text):
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(text)).replace("#", r"\#")


def _emit(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def diag(text):
    """Prints a comment, each line of it after '# '."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    for line in str(text).split("\n"):
        _emit("# " + "".join(c if c.isprintable() or c == "\t" else repr(c)[1:-1] for c in line))


def ok(condition, name):
    """One test; gives whether it passed."""
    global _run, _failed
    with _lock:
        _run += 1
        _emit("%s %d - %s" % ("ok" if condition else "not ok", _run, _clean(name)))
        if not condition:
            _failed += 1
            for frame in reversed(traceback.extract_stack()):
                if frame.filename != os.path.abspath(__file__):
                    diag("  failed at %s:%d" % (frame.filename, frame.lineno))
                    break
    return bool(condition)


def reached(name):
    """A test that passes by being reached: what was waited for before it has come, or it would not be."""
    ok(True, name)


def is_(got, want, name):
    """One test: got equals want."""
    if not ok(got == want, name):
        diag("   got: %r\n  want: %r" % (got, want))
        return False
    return True


def _found(text, pattern):
    if isinstance(text, (bytes, bytearray)) and isinstance(pattern, str):
        pattern = pattern.encode()
    return re.search(pattern, text, re.MULTILINE)


def like(text, pattern, name):
    """One test: the regular expression is found in text."""
    if not ok(_found(text, pattern), name):
        diag("    text: %r\n  misses: %r" % (text, pattern))
        return False
    return True


def unlike(text, pattern, name):
    """One test: the regular expression is not found in text."""
    if not ok(not _found(text, pattern), name):
        diag("  text: %r\n   has: %r" % (text, pattern))
        return False
    return True


def skip(count, why):
    """Counts tests as skipped."""
    global _run
    for _ in range(count):
        _run += 1
        _emit("ok %d # SKIP %s" % (_run, why))


def skip_all(why):
    """Ends the script as skipped; only before its first test."""
    raise SkipAll(why)


def require(condition, what):
    """Ends the script as failed unless the condition holds."""
    if not condition:
        raise Failure(what)


def resolves(name):
    """Whether the host name has an address here: a bare root folder has no /etc/hosts, and then not even localhost."""
    try:
        return bool(socket.getaddrinfo(name, 1, type=socket.SOCK_STREAM))
    except OSError:
        return False


def require_cryptography():
    """Skips the script where Python has no module cryptography."""
    try:
        import cryptography  # noqa: F401
    except ImportError:
        skip_all("Python has no module cryptography")


def _out_of_time(_, frame):
    diag("at the time limit:\n" + "".join(traceback.format_stack(frame)))
    raise Failure("the script ends in time")


def run(main, limit=LIMIT):
    """Runs the script, for at most that many seconds if it is not 0, and exits."""
    # A terminated script must still stop its programs.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # Ignored in what a shell runs in the background, which the programs would inherit: Ctrl-C would be no key.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    # Again and again, for who goes on after a failure.
    signal.signal(signal.SIGALRM, _out_of_time)
    signal.setitimer(signal.ITIMER_REAL, limit, 10)
    skipped = None
    try:
        main()
    except SkipAll as why:
        skipped = str(why)
    except Failure as why:
        ok(False, why)
    except (Exception, KeyboardInterrupt):
        ok(False, "the script runs to its end")
        diag(traceback.format_exc())
    finally:
        clean_up()
    if skipped is not None and _run == 0:
        _emit("1..0 # SKIP " + skipped)
    else:
        _emit("1..%d" % _run)
    sys.exit(1 if _failed else 0)


def scaled(seconds):
    """As many seconds for a program, more of them where a checking tool makes it slow."""
    return int(seconds * SLOW)


# Files.

_folder = None


def folder(name=None):
    """The script's temporary folder, or a new folder of that name in it."""
    global _folder
    if _folder is None:
        _folder = tempfile.mkdtemp(prefix="chatsecure-t-")
    if name is None:
        return _folder
    path = os.path.join(_folder, name)
    os.makedirs(path, mode=0o700, exist_ok=True)
    return path


def write_file(name, content, mode=0o600):
    """Makes a file in the temporary folder and gives its path."""
    path = os.path.join(folder(), name)
    with open(path, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    os.chmod(path, mode)
    return path


def key(name):
    """The path of a private copy of the test key t/keys/NAME.pem."""
    path = os.path.join(folder(), "key-%s.pem" % name)
    if not os.path.exists(path):
        with open(os.path.join(HERE, "keys", name + ".pem"), "rb") as file:
            write_file("key-%s.pem" % name, file.read())
    return path


def environment(**changes):
    """The environment the programs get: the caller's folders and locale out of reach."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "LC_")) and k != "STATE_DIRECTORY"}
    env.update(HOME=folder("home"), XDG_STATE_HOME=folder("home/state"), LC_ALL="C.UTF-8", TZ="UTC", TERM="xterm",
               NO_COLOR="1")
    env.setdefault("ASAN_OPTIONS", "exitcode=%d:detect_leaks=1" % TOOL_STATUS)
    env.setdefault("UBSAN_OPTIONS", "exitcode=%d:halt_on_error=1:print_stacktrace=1" % TOOL_STATUS)
    env.setdefault("TSAN_OPTIONS", "exitcode=%d:second_deadlock_stack=1" % TOOL_STATUS)
    env.update(changes)
    return env


# Programs.

_processes = []

# Processes of the script itself that it has forked, by their ids.
forked = set()


class Output:
    """What a program writes to one descriptor, gathered by a thread of its own."""

    def __init__(self, fd, label):
        self.label = label
        self._fd = fd
        self._data = bytearray()
        self._position = 0
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._gather, daemon=True)
        self._thread.start()

    def _gather(self):
        while True:
            try:
                data = os.read(self._fd, 65536)
            except OSError as error:
                # The end of a terminal whose other side is closed.
                if error.errno != errno.EIO:
                    raise
                data = b""
            with self._changed:
                self._data += data
                self._ended = not data
                self._changed.notify_all()
            if not data:
                os.close(self._fd)
                return

    def wait_for(self, look, what, timeout):
        deadline = time.monotonic() + (DEADLINE if timeout is None else timeout)
        with self._changed:
            while True:
                found = look()
                if found is not None:
                    return found
                if self._ended:
                    raise Failure("%s ended without %s; it had: %r" % (self.label, what, bytes(self._data[-2000:])))
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Failure("no %s on %s in time; it had: %r" % (what, self.label, bytes(self._data[-2000:])))
                self._changed.wait(left)

    def expect(self, pattern, timeout=None):
        """Waits for the regular expression after what the last expect() found. Gives the match, of bytes."""
        regex = re.compile(pattern.encode() if isinstance(pattern, str) else pattern, re.MULTILINE)

        def look():
            match = regex.search(self._data, self._position)
            if match is None:
                return None
            self._position = match.end()
            return match

        return self.wait_for(look, "match for %r" % pattern, timeout)

    def line(self, timeout=None):
        """Waits for the next line and gives it as text without its newline."""

        def look():
            end = self._data.find(b"\n", self._position)
            if end < 0:
                return None
            start, self._position = self._position, end + 1
            return self._data[start:end].decode("utf-8", "backslashreplace")

        return self.wait_for(look, "line", timeout)

    def wait_lines(self, count, timeout=None):
        """Waits until there are that many lines in all."""
        self.wait_for(lambda: True if self._data.count(b"\n") >= count else None, "%d lines" % count, timeout)

    def bytes(self, timeout=None):
        """All of it, once the program has closed its side."""
        self._thread.join(DEADLINE if timeout is None else timeout)
        require(not self._thread.is_alive(), "%s was not closed in time" % self.label)
        return bytes(self._data)

    def text(self, timeout=None):
        return self.bytes(timeout).decode("utf-8", "backslashreplace")

    def lines(self, timeout=None):
        return self.text(timeout).splitlines()

    def so_far(self):
        with self._changed:
            return bytes(self._data)


class Process:
    """A program with its three standard streams on pipes: what it writes is in .out and .err."""

    def __init__(self, argv, label=None, stdin=subprocess.PIPE, env=None, **options):
        self.label = label or os.path.basename(argv[0])
        self.argv = argv
        self.expected_signals = set()
        self._popen = subprocess.Popen(WRAP + list(argv), stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       bufsize=0, env=environment() if env is None else env, **options)
        self.stdin = self._popen.stdin
        self.out = Output(os.dup(self._popen.stdout.fileno()), self.label + "'s stdout")
        self.err = Output(os.dup(self._popen.stderr.fileno()), self.label + "'s stderr")
        self._popen.stdout.close()
        self._popen.stderr.close()
        _processes.append(self)

    @property
    def pid(self):
        return self._popen.pid

    @property
    def status(self):
        """The exit status, minus the signal's number for a killed program, None while it runs."""
        return self._popen.poll()

    def send(self, data):
        """Writes to the program's stdin; text gets the newline it lacks. Not for more than a pipe holds: feed()."""
        if isinstance(data, str):
            data = (data if data.endswith("\n") else data + "\n").encode()
        view = memoryview(data)
        while view:
            view = view[self.stdin.write(view):]

    def close_stdin(self):
        with contextlib.suppress(BrokenPipeError):
            self.stdin.close()

    def feed(self, data, close=True):
        """Writes data to the program's stdin from a thread, as fast as the program reads it, and then closes it."""
        if isinstance(data, str):
            data = data.encode()

        def write():
            with contextlib.suppress(BrokenPipeError):
                self.send(data)
            if close:
                self.close_stdin()

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        return thread

    def finish(self, data=b""):
        """Feeds data as the last of the program's input."""
        return self.feed(data)

    def wait(self, timeout=None):
        """Waits for the program's end and gives its status."""
        try:
            return self._popen.wait(DEADLINE if timeout is None else timeout)
        except subprocess.TimeoutExpired:
            diag("%s's stderr: %s" % (self.label, self.err.so_far()[-2000:].decode("utf-8", "backslashreplace")))
            raise Failure("%s did not end in time" % self.label) from None

    def signal(self, number):
        self.expected_signals.add(number)
        self._popen.send_signal(number)

    def kill(self):
        """Kills the program and waits for its end."""
        self.signal(signal.SIGKILL)
        return self.wait()

    def fault(self):
        """What is wrong with how the program ended, or None."""
        status = self.status
        if status is not None and status < 0 and -status not in self.expected_signals:
            return "died of %s" % signal.Signals(-status).name
        if status == TOOL_STATUS:
            return "was ended by the checking tool"
        if TOOL_REPORT.search(self.err.so_far()):
            return "has a report of the checking tool"
        return None

    def clean_up(self):
        if self.status is None:
            self.kill()
        with contextlib.suppress(Exception):
            self.err.bytes()
        if self.stdin is not None:
            self.close_stdin()
        fault = self.fault()
        if fault is not None:
            ok(False, "%s %s" % (self.label, fault))
            diag(self.err.so_far()[-16000:])


# The options of a relay that lets one address connect as often and fail as much as it likes, for tests that are about
# something else.
LIFTED = ("--max-handshakes=1000", "--early-drop=1000", "--source-handshakes=1000", "--source-rate=0",
          "--penalty-bad=0", "--penalty-timeout=0")


class Server(Process):
    """A relay on free loopback ports. Ready, with .address and .fingerprint, when the constructor returns."""

    def __init__(self, *options, listen=("127.0.0.1:0",), state=None, identity="relay", ready=True, program=None,
                 **keywords):
        self.state = state or tempfile.mkdtemp(prefix="server-", dir=folder())
        argv = [program or SERVER, "--state-dir", self.state]
        if "--config" not in options:
            argv += ["--config", "/dev/null"]
        if WRAP and "--sandbox" not in options:
            # The tool's own system calls are not the server's.
            argv += ["--sandbox", "off"]
        if SLOW > 1 and "--config" not in options:
            argv += ["--handshake-timeout=%d" % scaled(30), "--ping-after=%d" % scaled(60)]
        if identity is not None:
            argv += ["--key", key(identity)]
        for address in listen:
            argv += ["--listen", address]
        super().__init__(argv + list(options), label="the server", stdin=subprocess.DEVNULL, **keywords)
        self.addresses = []
        for _ in listen if ready else ():
            match = self.out.expect(rb"^listening (\S+) (SHA256:[A-Za-z0-9+/]{43})\n")
            self.addresses.append(match.group(1).decode())
            self.fingerprint = match.group(2).decode()
        if self.addresses:
            self.address = self.addresses[0]
            self.host, port = self.address.rsplit(":", 1)
            self.port = int(port)

    def stop(self):
        """Asks the server to end, as an operator does, and gives its status."""
        self.signal(signal.SIGTERM)
        return self.wait()


def _client_arguments(server, name, options, state, identity, trust, reconnect=False):
    argv = [CLIENT] if reconnect else [CLIENT, "--no-reconnect"]
    if name is not None:
        argv += ["-n", name]
    argv += ["--state-dir", state]
    if identity is None and name is not None:
        identity = name.lower() if name.lower() in KEYS else KEYS[zlib.crc32(name.encode()) % len(KEYS)]
    if identity:
        argv += ["--identity", key(identity)]
    if trust is not None:
        argv += ["--trust", trust]
    return argv + list(options) + [server if isinstance(server, str) else server.address]


class Client(Process):
    """A client on pipes.

    server is a Server or HOST:PORT. identity "" leaves the option out, for the client's own; redirect is what a shell
    would get behind the command, such as "> /dev/full".  A lost connection is its end, unless reconnect is true.
    """

    def __init__(self, server, name, *options, state=None, identity=None, trust="first-use", redirect=None,
                 reconnect=False, **keywords):
        self.state = state or tempfile.mkdtemp(prefix="client-", dir=folder())
        argv = _client_arguments(server, name, options, self.state, identity, trust, reconnect)
        if redirect is not None:
            argv = ["sh", "-c", 'exec "$@" ' + redirect, "sh"] + argv
        super().__init__(argv, label="client %s" % name, **keywords)


class Terminal:
    """A client on a terminal of its own. What it shows, and all else the terminal echoes, is in .out."""

    ROWS, COLUMNS = 24, 80

    def __init__(self, server, name, *options, state=None, identity=None, trust=None, argv=None, env=None):
        self.state = state or tempfile.mkdtemp(prefix="client-", dir=folder())
        self.label = "terminal of %s" % name
        self.expected_signals = {signal.SIGHUP}
        self.argv = argv or _client_arguments(server, name, options, self.state, identity, trust)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", self.ROWS, self.COLUMNS, 0, 0))

        self._popen = subprocess.Popen(WRAP + self.argv, stdin=slave, stdout=slave, stderr=slave,
                                       start_new_session=True,
                                       preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
                                       env=environment() if env is None else env)
        os.close(slave)
        self.out = self.err = Output(os.dup(self._master), self.label)
        self.stdin = None
        self._sizes = []  # each with how much was shown before
        _processes.append(self)

    pid, status, wait, kill, signal, fault = (Process.pid, Process.status, Process.wait, Process.kill, Process.signal,
                                              Process.fault)

    def type(self, text):
        """Sends keys; Enter is '\\r'."""
        data = text.encode() if isinstance(text, str) else text
        while data:
            data = data[os.write(self._master, data):]

    def expect(self, pattern, timeout=None):
        return self.out.expect(pattern, timeout)

    def expect_row(self, pattern, timeout=None):
        """Waits until the last row of the screen has the regular expression, whatever was redrawn above it."""
        self.out.wait_for(lambda: re.search(pattern, self.screen()[-1]), "row with %r" % pattern, timeout)

    def expect_screen(self, pattern, timeout=None):
        """The same for the whole screen, its rows with "\n" between them."""
        self.out.wait_for(lambda: re.search(pattern, "\n".join(self.screen()), re.MULTILINE),
                          "screen with %r" % pattern, timeout)

    def hang_up(self):
        """Closes the terminal, as a window that is closed."""
        os.close(self._master)
        self._master = None

    def screen(self, unwrapped=False):
        """The rows now on the screen, and those that have scrolled away, as text without trailing blanks; or the lines
        that fill them."""
        screen, at = Screen(self.ROWS, self.COLUMNS), 0
        shown = self.out.so_far()
        for end, rows, columns in self._sizes:
            screen.feed(shown[at:end].decode("utf-8", "replace"))
            screen.resize(rows, columns)
            at = end
        screen.feed(shown[at:].decode("utf-8", "replace"))
        return screen.lines(unwrapped)

    def resize(self, rows, columns):
        """Makes the window another size. What the program has shown by now is wrapped anew."""
        self._sizes.append((len(self.out.so_far()), rows, columns))
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def clean_up(self):
        Process.clean_up(self)
        if self._master is not None:
            self.hang_up()


def clean_up():
    """Stops what still runs and removes the temporary folder. run() does it; gives whether nothing had crashed."""
    for process in reversed(_processes):
        try:
            process.clean_up()
        except Exception:
            ok(False, "%s can be cleaned up" % process.label)
            diag(traceback.format_exc())
    for pid in forked:
        os.kill(pid, signal.SIGKILL)
    if _folder is not None and not os.environ.get("CHATSECURE_TEST_KEEP"):
        shutil.rmtree(_folder, ignore_errors=True)
    return _failed == 0
