#!/usr/bin/env python3
"""The load generator: each trial in small, what it prints, and that it notices what a relay does to messages."""

import contextlib
import json
import os

from harness import *
from harness import BENCH, SERVER

with contextlib.suppress(ImportError):
    import interop
    import interop_relay


def bench(*arguments):
    """Runs it with keys that are there already; gives the process when it has ended."""
    process = Process([BENCH, "--identity-dir", folder("keys")] + list(arguments), stdin=None)
    process.wait()
    return process


def rows(*arguments):
    process = bench("--program", SERVER, "--json", *arguments)
    is_((process.status, process.err.text()), (0, ""), "%s: nothing is lost" % " ".join(arguments))
    return json.loads(process.out.text())


def prepare_keys():
    """Keys that are there need not be made."""
    for name in ("user-2048", "server-3072"):
        with open(key("relay" if name.startswith("server") else "adam"), encoding="ascii") as file:
            write_file("keys/%s.pem" % name, file.read())


def test_trials():
    folder("keys")
    prepare_keys()
    for layer in ((), ("--opaque",)):
        row, = rows("throughput", "--pairs", "2", "--messages", "40", *layer)
        is_(row["messages"], 80, "throughput: two pairs of 40 messages")
        ok(row["payloads"] >= 80, "throughput: at least as many payloads")
        ok(row["cpu_us/payload"] > 0 and row["messages/s"] > 0, "throughput: the kernel's accounts are read")
        row, = rows("throughput", "-m", "64", "-W", "32", "-w", "64", *layer)
        is_((row["messages"], row["per_write"], row["window"]), (64, 32, 64), "throughput: 32 messages a write")
        row, = rows("round-trip", "--messages", "20", *layer)
        ok(0 < row["p50_us"] <= row["p99_us"] <= row["p999_us"], "round-trip: percentiles")
        row, = rows("fan-out", "--users", "5", "--messages", "4", *layer)
        is_(row["messages"], 20, "fan-out: four messages to each of five")
    row, = rows("idle", "--users", "20", "--messages", "5", "--opaque")
    ok(row["rss_kib/user"] > 0, "idle: the memory of a user")
    is_(row["threads/user"], 1, "idle: a thread for each")
    row, = rows("handshakes", "--messages", "10", "--users", "2")
    ok(row["handshakes/s"] > 0 and row["cpu_us/handshake"] > 0, "handshakes")
    sizes = rows("sizes", "--messages", "5", "--opaque")
    is_([row["label"].split()[1] for row in sizes], ["16", "100", "1024", "4096", "16384", "32768"], "sizes")


def test_others():
    if SLOW > 1:
        skip(1, "what others' relays take is nothing to a checking tool")
        return
    ours, *others = rows("others", "--messages", "100", "--users", "5", "--bits", "2048")
    installed = [name for name in ("ngIRCd", "mosquitto")
                 if any(os.access("/usr%s/sbin/%s" % (place, name.lower()), os.X_OK) for place in ("", "/local"))]
    is_([row["label"] for row in others], installed, "others: those that are installed")
    for row in [ours] + others:
        figures = ("single_us", "batched_us", "delivery_us", "login_us")
        ok(all(row[figure] > 0 for figure in figures), "others: the figures of %s" % row["label"])


def test_output():
    process = bench("--program", SERVER, "throughput", "--messages", "20", "-o")
    like(process.out.text(), r"\Athroughput +window +per_write .*\nopaque 100 B, 1 pair +1\.000 +1\.000 +20\.00 ",
         "a table for people")
    server = Server("--max-clients", "100")
    row, = rows("throughput", "-m", "20", "-o", "--server", server.address, "--server-pid", str(server.pid))
    ok(row["cpu_us/payload"] > 0, "a server that runs already, and its accounts")
    row, = rows("throughput", "-m", "20", "-o", "--server", server.address)
    is_(row["cpu_us/payload"], 0, "without its process nothing is known of those")
    is_(server.stop(), 0, "which goes on")


def test_failures():
    for arguments, pattern in (
            (("nothing",), r"\"nothing\" is not a trial"),
            (("--size", "15"), r"--size"),
            (("--size", "32769"), r"--size"),
            (("--bits", "2047"), r"--bits"),
            (("--bits", "2050"), r"--bits"),
            (("--window", "257"), r"--window")):
        process = bench(*arguments)
        is_(process.status, 1, "%s: a wrong command line" % " ".join(arguments))
        like(process.err.text(), pattern, "which is said")
    process = bench("--program", os.path.join(folder(), "none"), "throughput")
    is_(process.status, 2, "a server that cannot be run")
    like(process.err.text(), r"cannot run .*none: No such file", "which is said")
    process = bench("--server", "127.0.0.1:1", "throughput")
    is_(process.status, 2, "a server that is not there")
    like(process.err.text(), r"cannot connect: ", "which is said")


def test_loss():
    try:
        interop  # noqa: B018
    except NameError:
        skip(1, "Python has no module cryptography")
        return

    class Treacherous(interop_relay.Relay):
        """Does something to one message of those it relays."""

        def __init__(self, treason):
            super().__init__(interop.load_identity(key("relay")))
            self.treason, self.seen, self.held = treason, 0, None

        def _relay(self, session, message, raw):
            self.seen += message["type"] == "client-com"
            if message["type"] != "client-com" or self.seen < 110:
                super()._relay(session, message, raw)
            elif self.seen == 110 and self.treason == "double":
                super()._relay(session, message, raw)
                super()._relay(session, message, raw)
            elif self.seen == 110 and self.treason == "swap":
                self.held = (message, raw)
            elif self.seen != 110:
                super()._relay(session, message, raw)
                if self.held is not None:
                    (message, raw), self.held = self.held, None
                    super()._relay(session, message, raw)

    for treason, window, text in (
            (None, "4", None),
            ("drop", "4", r"out of order or lost: message 110 was due and 111 came"),
            ("drop", "1", r"nothing has come for 1 seconds: messages are lost"),
            ("swap", "4", r"out of order or lost: message 110 was due and 111 came"),
            ("double", "4", r"out of order or lost: message 111 was due and 110 came")):
        relay = Treacherous(treason or "swap")
        relay.seen = 0 if treason else -1000
        timeout = "1" if window == "1" else "30"
        process = bench("--server", relay.address, "-o", "-m", "30", "-w", window, "--timeout", timeout, "throughput")
        is_(process.status, 0 if treason is None else 2, "a relay with the treason %s, window %s" % (treason, window))
        if text is not None:
            like(process.err.text(), text, "which is told")
        relay.close()


def main():
    test_trials()
    test_others()
    test_output()
    test_failures()
    test_loss()


run(main)
