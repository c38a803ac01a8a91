#!/usr/bin/env python3
"""chatsecure --send and --download-dir: files from one program to another, or refused.

Each function is a recipe."""

import os
import stat

from files import *
from harness import *

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
    client = send(server, path, ",".join("Nobody%d" % number for number in range(100)), status=12,
                  name="of a hundred who are not there")
    is_(client.err.text().count("no such user\n"), 100, "each is named")
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
                           (["--send", path, "--to", "Eve", "--ttl", "5"], r"--ttl, --or-else and --sign are"),
                           (["--send", path, "--to", "Eve", "--or-else", "cat"], r"--ttl, --or-else and --sign are"),
                           (["--send", path, "--to", "Eve", "--sign"], r"and --sign are for lines"),
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


def main():
    require_cryptography()
    server = Server(*UNLIMITED)
    a_file(server)
    names(server)
    several(server)
    refused(server)
    usage(server)


run(main)
