#!/usr/bin/env python3
"""A large file takes no more memory than a small one, and chat goes on while it is on its way.

CHATSECURE_FILE_SIZE is its size, 64 MiB by default."""

import json
import os
import re
import time

from files import *
from harness import *

LARGE = int(os.environ.get("CHATSECURE_FILE_SIZE", str(64 * 1024 * 1024)))


def memory_of(client):
    """The most that a program has had of the machine's memory so far, in KiB."""
    with open("/proc/%d/status" % client.pid, encoding="ascii") as file:
        return int(re.search(r"^VmHWM:\s+(\d+)", file.read(), re.MULTILINE).group(1))


def a_large_file(server):
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
    a_large_file(Server(*UNLIMITED))


run(main)
