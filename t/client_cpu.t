#!/usr/bin/env python3
"""chatsecure: what a script pays for a message, from the start of the program to its end, in processor time.

Without what checking tools add: they take many times that."""

import resource
import statistics

from harness import *
from harness import CLIENT, WRAP

# Milliseconds, user and system, for the two handshakes, the message and its receipt, and all that a program is.
MOST = 100


def is_checked():
    """Whether the client is built or run with a tool that makes it slow."""
    with open(CLIENT, "rb") as file:
        program = file.read()
    return WRAP or any(symbol in program for symbol in (b"__asan_init", b"__tsan_init", b"__ubsan_handle", b"__gcov_"))


def spent():
    """Milliseconds that all programs have taken that have ended and were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (usage.ru_utime + usage.ru_stime)


def one_message(server, *options):
    """`chatsecure -n Adam --to Eve -m hello RELAY`; gives its milliseconds."""
    before = spent()
    adam = Client(server, "Adam", "--to", "Eve", "-m", "hello", *options)
    require(adam.wait() == 0, "a message is delivered")
    return spent() - before


def main():
    require_cryptography()
    if is_checked():
        skip_all("the client is slowed down by a checking tool")
    server = Server()
    eve = Client(server, "Eve", "--receive")
    eve.err.expect(r"new server")
    for what, options in (("a message", ()), ("a signed one", ("--sign",))):
        took = [one_message(server, *options) for _ in range(7)]
        diag("%s: %s ms of processor time" % (what, " ".join("%.1f" % ms for ms in sorted(took))))
        ok(statistics.median(took) < MOST,
           "%s to somebody who is connected takes less than %d ms, from start to end" % (what, MOST))
    eve.kill()


run(main)
