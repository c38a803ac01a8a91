#!/usr/bin/env python3
"""The limits of chatsecure-server: each at its bound, one over it, and what becomes of those who are over it."""

import contextlib
import os
import re
import resource
import select
import socket
import subprocess
import sys
import time

import harness

from harness import *
from wire import *


def refusal(server, **options):
    """What the server says to a connection that it does not take in."""
    wire = Wire(server, **options)
    message = wire.plain()
    wire.ended()
    wire.close()
    require(message.get("type") == "error" and message.get("code") == "busy", "busy, not %r" % message)
    return message["text"]


def until_welcome(server, name, **options):
    """Tries until the server takes the client in."""
    while True:
        try:
            return Peer(server, name, **options).handshake()
        except (Closed, OSError):
            pass


def test_handshakes():
    server = Server("--max-handshakes=4", "--early-drop=4")
    strangers = [Wire(server) for _ in range(4)]
    like(refusal(server, source="127.0.0.2"), "too many are connecting at the moment",
         "one more than --max-handshakes is refused")
    strangers.pop().close()
    peer = until_welcome(server, "Adam")
    ok(peer.settled(), "when one has left there is room for a client")
    strangers.append(until_accepted(server))
    reached("who takes no stranger's place once it is one")
    peer.settled()
    server.stop()


def until_accepted(server, **options):
    """A connection that the server answers, so that it has taken it in."""
    while True:
        try:
            peer = Peer(server, "Olaf", **options)
            peer.send_line(peer.phase1())
            peer.take_phase2(peer.line())
            return peer
        except (Closed, OSError):
            pass


def test_source():
    server = Server("--source-handshakes=2")
    mine = [Wire(server) for _ in range(2)]
    like(refusal(server), "too many are connecting from your address", "one more than --source-handshakes is refused")
    ok(Peer(server, "Adam", source="127.0.0.2").handshake().settled(), "which is nothing to another address")
    mine.pop().close()
    ok(until_welcome(server, "Eve").settled(), "when one has left there is room for one")
    server.stop()


def test_rate():
    server = Server("--source-rate=1", "--source-burst=3")
    wires = [Wire(server) for _ in range(3)]
    like(refusal(server), "too many have just connected from your address", "one more than --source-burst is refused")
    ok(Peer(server, "Adam", source="127.0.0.2").handshake().settled(), "which is nothing to another address")
    ok(until_welcome(server, "Eve").settled(), "and after a moment there is one again")
    for wire in wires:
        wire.close()
    server.stop()


def fail(server, **options):
    """A handshake that is wrong; gives whether the server looked at it."""
    with Wire(server, **options) as wire:
        try:
            wire.send_line(b"garbage")
            return wire.error_code() != "busy"
        except (Closed, OSError):
            return False


def test_penalty():
    server = Server("--penalty-bad=%d" % scaled(1), "--penalty-from=%d" % scaled(2), "--penalty-max=%d" % scaled(2))
    peer = Peer(server, "Adam").handshake()
    for _ in range(1000):
        if not fail(server):
            break
    like(refusal(server), "too many connections from your address have failed",
         "who fails and fails is refused")
    ok(Peer(server, "Eve", source="127.0.0.2").handshake().settled(), "which is nothing to another address")
    ok(peer.settled(), "nor to who is in")
    ok(until_welcome(server, "Mallory").settled(), "when the penalty is over the source is welcome")
    server.stop()


def test_timeout():
    server = Server("--handshake-timeout=1", "--penalty-timeout=3", "--penalty-from=3")
    began = time.monotonic()
    wire = Wire(server)
    with contextlib.suppress(OSError):
        while True:
            wire.send_bytes(b" ")
            if select.select([wire.socket], [], [], 0.05)[0]:
                break
    is_(wire.error_code(), "timeout", "a byte now and then does not make the handshake's time longer")
    ok(time.monotonic() - began < 1 + DEADLINE / 10, "it is over when it is over")
    while refused_text(server) != "too many connections from your address have failed":
        pass
    reached("it counts as a failure")
    server.stop()


def refused_text(server):
    with Wire(server) as wire:
        if not select.select([wire.socket], [], [], 0.2)[0]:
            return None
        return wire.plain().get("text")


def test_early_drop():
    """Between the two bounds newcomers are refused at random, more of them the more there are."""
    server = Server("--max-handshakes=40", "--early-drop=10", "--source-handshakes=1000", "--source-rate=0")
    strangers, refused = [], []
    while len(strangers) < 30:
        peer = Peer(server, "Olaf")
        peer.send_line(peer.phase1())
        try:
            peer.take_phase2(peer.line())
            strangers.append(peer)
        except Closed as refusal_:
            require(str(refusal_) == "busy", "busy, not %s" % refusal_)
            refused.append(len(strangers))
    ok(refused and min(refused) >= 10, "strangers are refused from --early-drop on: at %r" % refused)
    is_(statistics(server)[0]['refused_connections_total{reason="early-drop"}'], len(refused), "and are counted")
    server.stop()


def until_refused(server, **options):
    """Comes again, and does nothing wrong, until what it did before has been noted: gives what the server says then."""
    while True:
        with Wire(server, **options) as wire:
            if select.select([wire.socket], [], [], 0.2)[0]:
                return wire.plain().get("text")


def test_sources():
    """A source that others have pushed out is as one that was never seen."""
    server = Server("--penalty-sources=2", "--penalty-bad=100", "--penalty-from=90")
    for source in ("127.0.0.2", "127.0.0.3", "127.0.0.4"):
        fail(server, source=source)
        like(until_refused(server, source=source), "have failed", "a source with a penalty is refused")
    ok(Peer(server, "Adam", source="127.0.0.2").handshake().settled(), "and forgotten after --penalty-sources others")
    like(refusal(server, source="127.0.0.4"), "have failed", "who was the last to fail is not")
    server.stop()


def fill(sender, names, pad):
    """Sends to them in turn until each has refused something."""
    refused, number = set(), 0
    while refused < set(names):
        sender.send(sender.com(names[number % len(names)], number, pad=pad))
        number += 1
        while not sender.is_quiet():
            error = sender.receive("error")
            require(error["code"] == "queue-full", "%r is for a queue that is full" % error)
            refused.add(error["dst"])
    sender.send({"type": "ping"})
    while sender.receive()["type"] != "pong":
        pass


def outboxes(options, names, pad, bound):
    """What waits for readers that do not read is bounded, and dropped with them."""
    server = Server(*options, "--stall-timeout=%d" % scaled(2), "--rate=0", "--message-rate=0")
    adam = Peer(server, "Adam").handshake()
    readers = [Peer(server, name, key="eve", receive_buffer=4096).handshake() for name in names]
    fill(adam, names, pad)
    after, _, _ = statistics(server)
    ok(after["outbox_bytes"] <= bound, "%s: %d bytes wait" % (" ".join(options), after["outbox_bytes"]))
    ok(after['undelivered_messages_total{reason="queue-full"}'] > 0, "and what was refused is counted")
    for _ in names:
        server.err.expect(r" is gone: lost$")
    after, _, _ = statistics(server)
    is_((after["outbox_bytes"], after['dropped_clients_total{reason="stalled"}']), (0, len(names)),
        "readers that take nothing go, and so does what waits")
    ok(adam.settled(), "the sender stays")
    for reader in readers:
        reader.close()
    server.stop()


def test_outboxes():
    outboxes(["--outbox-bytes=128K", "--outbox-messages=1000000"], ["Eve"], "x" * 4096, 1 << 17)
    outboxes(["--outbox-bytes=100M", "--outbox-messages=20"], ["Eve"], "x" * 30000, 20 * 65536)
    outboxes(["--outbox-total=256K", "--outbox-bytes=100M", "--outbox-messages=1000000"], ["Eve", "Ewe", "Eye"],
             "x" * 4096, 1 << 18)


def test_kernel():
    """What waits for a reader is in its outbox, where it counts, and not in the kernel, which would take megabytes."""
    if not sys.platform.startswith("linux"):
        skip(1, "the kernel cannot be told so here")
        return
    server = Server("--outbox-bytes=128K", "--rate=0", "--message-rate=0")
    adam = Peer(server, "Adam").handshake()
    eve = Peer(server, "Eve", receive_buffer=4096).handshake()
    fill(adam, ["Eve"], "x" * 4096)
    taken = statistics(server)[0]["relayed_bytes_total"]
    ok(taken < 3 * 128 * 1024, "a reader that takes nothing costs its outbox and as much: %d bytes" % taken)
    eve.close()
    server.stop()


def test_mapped():
    """The same IPv4 address over an IPv6 socket of the server would be the same source; its sockets take IPv6 only."""
    if not socket.has_ipv6:
        skip(1, "no IPv6")
        return
    try:
        server = Server("--source-handshakes=2", listen=("[::1]:0", "127.0.0.1:0"))
    except Failure:
        skip(1, "no IPv6")
        return
    six = [Wire(server.addresses[0]) for _ in range(2)]
    like(refusal(server.addresses[0]), "from your address", "an IPv6 network is a source")
    ok(Peer(server.addresses[1], "Adam").handshake().settled(), "other than the IPv4 address")
    for wire in six:
        wire.close()
    server.stop()


def test_private_operations():
    """Many proofs at once while only one is looked at at a time."""
    server = Server("--rsa-parallel=1", *LIFTED)
    peers = [Peer(server, "U%d" % number, key="eve") for number in range(40)]
    for peer in peers:
        peer.send_line(peer.phase1())
    proofs = []
    for peer in peers:
        peer.take_phase2(peer.line())
        proofs.append(peer.phase3())
    for peer, proof in zip(peers, proofs):
        peer.send_line(proof)
    for peer in peers[::3]:
        peer.reset()
    for number, peer in enumerate(peers):
        if number % 3 != 0:
            peer.take_phase4(peer.open(peer.line()))
            peer.settled()
    reached("all whose proofs had to wait get their turn, though others left the line")
    is_(server.stop(), 0, "and the server ends as it should")


def test_bytes():
    """A client that sends faster than --rate is read more slowly, loses nothing, and still gets what is for it."""
    server = Server("--rate=64K", "--rate-burst=1")
    adam, eve = Peer(server, "Adam").handshake(), Peer(server, "Eve").handshake()
    count = 40
    began = time.monotonic()
    lines = [adam.seal(adam.com("Eve", number, padding="x" * 4096)) + b"\n" for number in range(count)]
    adam.send_bytes(b"".join(lines))
    eve.send(eve.com("Adam", 1))
    is_(adam.receive("client-com")["id"], "m1", "a client that is too fast gets its messages all the same")
    ids = [eve.receive("client-com")["id"] for _ in range(count)]
    took = time.monotonic() - began
    is_(ids, ["m%d" % number for number in range(count)], "and what it sends arrives, in order")
    # What it may send in a second it may at once, and the last of it is read in one go.
    least = (sum(map(len, lines)) - 65536 - 65536) / 65536
    ok(took > least > 0.5, "but not faster than it may: %.2f s, and %.2f at least" % (took, least))
    server.stop()


def test_messages():
    server = Server("--message-rate=20", "--rate-burst=1")
    adam, eve = Peer(server, "Adam").handshake(), Peer(server, "Eve").handshake()
    began = time.monotonic()
    for number in range(60):
        adam.send(adam.com("Eve", number))
        if number < 30:
            eve.receive("client-com")
    for number in range(30, 60):
        eve.receive("client-com")
    took = time.monotonic() - began
    ok(took > 0.4, "messages faster than --message-rate arrive all the same when there is time for them: %.2f s" % took)
    ok(adam.settled(), "and the client is served as before")
    server.stop()


def statistics(server):
    """What `chatsecure-server stats` prints, as a dictionary, and its status."""
    process = Process([harness.SERVER, "--state-dir", server.state, "stats"], stdin=subprocess.DEVNULL)
    status, text = process.wait(), process.out.text()
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name.replace("chatsecure_", "", 1): float(value) for name, value in lines}, status, process.err.text()


def test_statistics():
    server = Server("--source-handshakes=2", "--rate=4K", "--rate-burst=1")
    before, status, _ = statistics(server)
    is_((status, before["connections_total"]), (0, 0), "a new server has counted nothing")
    adam, eve = Peer(server, "Adam").handshake(), Peer(server, "Eve").handshake()
    message = adam.com("Eve")
    adam.send(message, adam.com("Nobody"))
    eve.receive("client-com")
    adam.receive("error")
    adam.settled()
    strangers = [Wire(server, source="127.0.0.2") for _ in range(2)]
    refusal(server, source="127.0.0.2")
    fail(server, source="127.0.0.3")
    is_(Peer(server, "Adam", key="mallory", source="127.0.0.4").refused(), "name-taken", "a name is taken")
    adam.send(*[adam.com("Eve", number, pad="x" * 4096) for number in range(2)])
    for _ in range(2):
        eve.receive("client-com")
    wanted = {
        "connections_total": 7, 'handshakes_total{outcome="done"}': 2, 'handshakes_total{outcome="bad"}': 1,
        'handshakes_total{outcome="refused"}': 1, 'handshakes_total{outcome="lost"}': 0,
        'refused_connections_total{reason="source-handshakes"}': 1, "relayed_messages_total": 3,
        'undelivered_messages_total{reason="no-such-user"}': 1, "clients": 2, "handshakes": 2, "connections": 4,
        "relay_seconds_count": 3, 'relay_seconds_bucket{le="+Inf"}': 3, "rsa_waiting": 0,
    }
    deadline = time.monotonic() + DEADLINE
    while True:
        after, _, _ = statistics(server)
        got = {name: after.get(name) for name in wanted}
        if got == wanted or time.monotonic() > deadline:
            break
    is_(got, wanted, "it counts connections, handshakes and messages")
    ok(after["relayed_bytes_total"] > len(dump(message)) + 8192, "and bytes")
    ok(after["slowed_clients_total"] >= 1, "and clients that are too fast")
    # Of those who have gone it remembers some for a moment.
    ok(1 <= after["sources"] <= 4, "and sources")
    for stranger in strangers:
        stranger.close()
    server.stop()
    _, status, text = statistics(server)
    is_(status, 2, "without a server there are none")
    like(text, r"^chatsecure-server: no server runs in ", "which is said")


def test_sum():
    """Each connection is counted once more: as refused, in its handshake, or by how that went."""
    for few in (64, 65):
        # The last descriptor is missed by who accepts the connection, or by who makes its session.
        server = Server(*LIFTED, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (few, few)))
        strangers = [Wire(server) for _ in range(60)]
        require(select.select([stranger.socket for stranger in strangers], [], [], DEADLINE)[0], "some are refused")
        for stranger in strangers:
            stranger.reset()
        deadline = time.monotonic() + DEADLINE
        same = False
        while not same and time.monotonic() < deadline:
            after, status, _ = statistics(server)
            parts = {name: value for name, value in after.items() if name.startswith(("handshakes", "refused_"))}
            same = status == 0 and sum(parts.values()) == after["connections_total"]
        ok(same and parts['refused_connections_total{reason="system"}'] > 0,
           "with %d descriptors the counts add up: %r" % (few, parts))
        server.stop()


def test_all():
    """Each limit is in the statistics with its value, in the manual, and may stand in a configuration file."""
    server = Server("--rate=64K", "--stall-timeout=7")
    after, _, _ = statistics(server)
    limits = {name[len('limit{name="'):-2]: value for name, value in after.items() if name.startswith("limit{")}
    is_((limits["rate"], limits["stall-timeout"], limits["early-drop"]), (65536, 7, 128), "limits have their values")
    config = subprocess.run([harness.SERVER, "--check-config", "--config", "/dev/null"], capture_output=True, text=True,
                            env=environment(), check=True).stdout
    settings = set(re.findall(r"^(?:# )?([a-z-]+) =", config, re.MULTILINE))
    with open(os.path.join(SOURCE, "man/chatsecure-server.8"), encoding="utf-8") as file:
        manual = file.read()
    section = manual[manual.index("\n.Sh LIMITS"):manual.index("\n.Sh STATISTICS")]
    is_(sorted(limits), sorted(re.findall(r"^\.It Fl -([a-z-]+)", section, re.MULTILINE)), "the manual has them all")
    is_(set(limits) - settings, set(), "and so may a configuration file")
    server.stop()


def main():
    require_cryptography()
    test_all()
    test_early_drop()
    test_sources()
    test_outboxes()
    test_kernel()
    test_handshakes()
    test_source()
    test_rate()
    test_penalty()
    test_timeout()
    test_mapped()
    test_private_operations()
    test_bytes()
    test_messages()
    test_statistics()
    test_sum()


run(main)
