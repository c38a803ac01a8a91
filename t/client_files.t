#!/usr/bin/env python3
"""chatsecure --send and --download-dir: files from one program to another, refused, cut, and from somebody who means
harm.

Each function is a recipe.  CHATSECURE_FILE_SIZE is the size of the large file, 64 MiB by default."""

import json
import os
import re
import stat
import time

from files import *
from harness import *

LARGE = int(os.environ.get("CHATSECURE_FILE_SIZE", str(64 * 1024 * 1024)))
PIECE = 24576


def a_file(server):
    into = new_folder()
    eve = receiver(server, "Eve", into)
    for size in (0, 1, PIECE, PIECE + 1, 10 * PIECE + 7):
        path = write_file("report-%d.pdf" % size, os.urandom(size))
        send(server, path, "Eve", name="a file of %d bytes is sent" % size)
        eve.err.expect(r"Adam sent report-%d.pdf \(.*\), verified\n" % size)
        is_(content_of(os.path.join(into, os.path.basename(path))), content_of(path), "and is the same there")
    is_(stat.S_IMODE(os.stat(os.path.join(into, "report-1.pdf")).st_mode), 0o600, "for nobody else to read")
    is_(len(os.listdir(into)), 5, "nothing else is there")
    is_(eve.out.so_far(), b"", "nor on standard output")
    eve.kill()


def names(server):
    into = new_folder()
    write_file(os.path.join(into, "same.txt"), "what was there")
    eve = receiver(server, "Eve", into)
    for name in ("a b.txt", "r\u00e9sum\u00e9 \u4e2d.txt", ".hidden", "-rf", "a\nb", "same.txt"):
        send(server, write_file(name, name), "Eve", name="a file called %r is sent" % name)
    is_(sorted(os.listdir(into)), sorted(["a b.txt", "r\u00e9sum\u00e9 \u4e2d.txt", "_hidden", "_rf", "a_b", "same.txt",
                                          "same (1).txt"]), "each gets a name that harms nobody")
    is_(content_of(os.path.join(into, "same.txt")), b"what was there", "and nothing is overwritten")
    eve.kill()


def several(server):
    into = [new_folder(), new_folder()]
    path = write_file("both.txt", os.urandom(100000))
    eve, bob = receiver(server, "Eve", into[0]), receiver(server, "Bob", into[1])
    carol = receiver(server, "Carol", None)
    send(server, path, "Eve,Bob", name="a file for two is sent to both")
    for there in into:
        is_(content_of(os.path.join(there, "both.txt")), content_of(path), "and is the same there")
    client = send(server, path, "Eve,Carol,Nobody", status=12, name="one who takes none, and one who is not there")
    like(client.err.text(), r"both.txt to Carol: refused: no files are taken here\n", "are named")
    like(client.err.text(), r"both.txt to Nobody: no such user\n", "each")
    is_(content_of(os.path.join(into[0], "both (1).txt")), content_of(path), "and hide no other")
    for client in (eve, bob, carol):
        client.kill()


def refused(server):
    path = write_file("refused.bin", bytes(2 * 1024 * 1024))
    into = new_folder()
    for options in ((), ("--accept-files", "never")):
        eve = receiver(server, "Eve", into if options else None, *options)
        send(server, path, "Eve", status=5, name="who takes no files refuses",
             error=r"refused: no files are taken here")
        eve.kill()
    eve = receiver(server, "Eve", into, "--max-file-size", "1")
    send(server, path, "Eve", status=5, name="one that is too large is refused", error=r"refused: it is larger")
    eve.kill()
    eve = receiver(server, "Eve", into, "--from", "Bob")
    send(server, path, "Eve", status=5, name="so is one of somebody who is not wanted")
    is_(os.listdir(into), [], "nothing was written")
    eve.kill()


def usage(server):
    path = write_file("a.txt", "x")
    for options, error in ((["--send", path], r"give --to NAME"),
                           (["--send", path, "--to", "Eve", "-m", "x"], r"--send excludes"),
                           (["--send", path, "--to", "Eve", "--need", "1"], r"--need and --spool are for lines"),
                           (["--send", "/nonexistent/file", "--to", "Eve"], r"cannot send /nonexistent/file: No such"),
                           (["--send", folder(), "--to", "Eve"], r"cannot send .*: Is a directory"),
                           (["--send", "/dev/null", "--to", "Eve"], r"it is no plain file"),
                           (["--download-dir", "/nonexistent"], r"cannot open the folder /nonexistent"),
                           (["--accept-files", "always"], r"give --download-dir"),
                           (["--accept-files", "ask", "--download-dir", folder()], r"nobody to ask"),
                           (["--accept-files", "maybe"], r"ask, always or never"),
                           (["--max-file-size", "0"], r"--max-file-size")):
        client = Client(server, "Adam", *options)
        client.close_stdin()
        is_(client.wait(), 1, "%s is a usage error" % " ".join(options)[:60])
        like(client.err.text(), error, "which is said")


def memory_of(client):
    """The most that a program has had of the machine's memory so far, in KiB."""
    with open("/proc/%d/status" % client.pid, encoding="ascii") as file:
        return int(re.search(r"^VmHWM:\s+(\d+)", file.read(), re.MULTILINE).group(1))


def a_large_file(server):
    """It takes no more memory than a small one, and chat goes on."""
    into, small, path = new_folder(), large_file("small.bin", 1024 * 1024), large_file("large.bin", LARGE)
    # The sanitizer keeps what was freed, for a while.
    env = environment()
    env["ASAN_OPTIONS"] += ":quarantine_size_mb=1"
    eve = receiver(server, "Eve", into, "-o", "json", env=env)
    adam = Client(server, "Adam", "-i", "json", "-o", "json", "-W", "600", env=env)
    adam.send(json.dumps({"command": "send Eve " + small}))
    adam.out.expect(r'"verified"', 600)
    before = [memory_of(client) for client in (adam, eve)] if os.path.exists("/proc/self/status") else None
    begun = time.monotonic()
    adam.send(json.dumps({"command": "send Eve " + path}))
    adam.out.expect(r'"large.bin".*"state":"progress"', 600)
    times = []
    for number in range(20):
        adam.send(json.dumps({"to": "Eve", "text": str(number)}))
        times.append(json.loads(adam.out.expect(r'^.*"state":"delivered".*$').group())["ms"])
    ok(b'"large.bin","size":%d,"done":%d,"state":"verified"' % (LARGE, LARGE) not in adam.out.so_far(),
       "twenty messages are delivered while a file is on its way")
    ok(max(times) < 1000 * DEADLINE / 60, "none of them waits long for it: %d ms at most" % max(times))
    adam.out.expect(r'"large.bin".*"verified"', 600)
    diag("%d bytes in %.1f s, messages in %s ms" % (LARGE, time.monotonic() - begun, times))
    if before:
        after = [memory_of(client) for client in (adam, eve)]
        diag("memory of sender and receiver, in KiB: %s before, %s after" % (before, after))
        ok(all(b - a < 4096 for a, b in zip(before, after)), "neither program has grown with it")
    else:
        skip(1, "there is no /proc here")
    is_(hash_of(os.path.join(into, "large.bin")), hash_of(path), "the file is the same there")
    os.remove(path)
    for client in (adam, eve):
        client.kill()


def main():
    require_cryptography()
    server = Server(*UNLIMITED)
    a_file(server)
    names(server)
    several(server)
    refused(server)
    usage(server)
    a_large_file(server)


run(main)
