#!/usr/bin/env python3
"""Signals, and what happens when there is no room."""

import os
import resource
import signal
import time

from harness import *
from wire import *


def test_signals():
    for number in (signal.SIGTERM, signal.SIGINT):
        server = Server()
        adam, eve = Peer(server, "Adam").handshake(), Peer(server, "Eve").handshake()
        stranger = Wire(server)
        half = Peer(server, "Mallory")
        half.send_line(half.phase1())
        half.take_phase2(half.line())
        adam.send(adam.connect_to("Eve"))
        eve.receive("client-connect")
        begin = time.monotonic()
        server.signal(number)
        for peer in (adam, eve):
            is_(peer.receive(), {"type": "bye", "reason": "shutdown"}, "%s: a bye for everyone" % number.name)
            peer.ended()
        for wire in (stranger, half):
            wire.ended()
        for wire in (adam, eve, stranger, half):
            wire.close()
        is_(server.wait(), 0, "the server ends with 0")
        ok(time.monotonic() - begin < scaled(5), "within five seconds")
        like(server.err.text(), r"info stopping: %s$" % number.name, "the log says why")
        is_(server.out.text().count("\n"), 1, "stdout has the address and nothing else")

    server = Server()
    stubborn = Peer(server, "Eve", receive_buffer=4096).handshake()
    adam = Peer(server, "Adam").handshake()
    while True:
        adam.send(dict(adam.com("Eve"), fill="a" * 30000))
        adam.send({"type": "ping"})
        if adam.receive()["type"] == "error":
            break
    begin = time.monotonic()
    server.signal(signal.SIGTERM)
    server.signal(signal.SIGTERM)
    is_(server.wait(), 0, "a client that reads nothing does not keep the server")
    ok(time.monotonic() - begin < scaled(5), "for five seconds")

    server = Server()
    server.signal(signal.SIGPIPE)
    adam = Peer(server, "Adam").handshake()
    adam.settled()
    reached("SIGPIPE does nothing")
    eve = Peer(server, "Eve").handshake()
    for _ in range(20):
        adam.send(*[adam.com("Eve", number) for number in range(50)])
    eve.reset()
    adam.send({"type": "ping", "id": "end"})
    while adam.receive()["type"] != "pong":
        pass
    reached("nor does a client that resets its connection while it is written to")
    is_(server.stop(), 0, "and the server ends as it should")


def test_drain():
    """More than the kernel takes waits for a reader when the server is told to stop."""
    count = 150
    server = Server("--outbox-bytes=16M", "--outbox-messages=1000", "--rate=0", "--message-rate=0")
    adam, eve = Peer(server, "Adam").handshake(), Peer(server, "Eve", receive_buffer=4096).handshake()
    for number in range(count):
        adam.send(dict(adam.com("Eve", number), fill="a" * 30000))
    adam.settled()
    server.signal(signal.SIGTERM)
    server.err.expect(r"info stopping: SIGTERM$")
    is_([eve.receive("client-com")["id"] for _ in range(count)], ["m%d" % number for number in range(count)],
        "all that waits for a reader arrives, in order")
    is_(eve.receive(), {"type": "bye", "reason": "shutdown"}, "and then the bye")
    eve.ended()
    is_(server.wait(), 0, "the server ends with 0")


def test_room():
    server = Server("--max-clients", "2", *LIFTED)
    adam, eve = Peer(server, "Adam").handshake(), Peer(server, "Eve").handshake()
    wire = Wire(server)
    is_(wire.error_code(), "busy", "one more than --max-clients is told that there is no room")
    adam.bye()
    while True:
        try:
            mallory = Peer(server, "Mallory").handshake()
            break
        except (Closed, OSError):
            pass
    mallory.settled()
    reached("when one has left there is room again")
    like(server.err.so_far(), r"warning 127.0.0.1:\d+ refused: there is no room", "the log says so")
    eve.settled()
    is_(server.stop(), 0, "and the server ends as it should")


def test_strangers():
    """Connections that prove nothing take no client's place."""
    server = Server("--max-clients", "3")
    strangers = [Wire(server) for _ in range(2)]
    clients = [Peer(server, name, key="adam").handshake().settled() for name in ("A", "B", "C")]
    ok(len(clients) == 3, "with two silent connections there are three clients for all that")
    for peer in clients + strangers:
        peer.close()
    is_(server.stop(), 0, "and the server ends as it should")


def test_descriptors():
    """A server at the limit of its open files."""
    limit = 120
    server = Server(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
    match = server.err.expect(r"info the limit of open files .* leaves room for (\d+) clients")
    room = int(match.group(1))
    peers = []
    for number in range(room):
        peers.append(Peer(server, "U%d" % number, key="eve").handshake())
    reached("as many as the limit of open files has room for are served")
    is_(Wire(server).error_code(), "busy", "one more is told that there is none")
    peers[0].settled()
    peers[-1].send(peers[-1].com("U0"))
    peers[0].receive("client-com")
    reached("and the rest are not disturbed")
    is_(server.stop(), 0, "and the server ends as it should")


def test_exhausted():
    """Not one descriptor more, from one moment to the next."""
    server = Server()
    try:
        used = {int(name): os.readlink("/proc/%d/fd/%s" % (server.pid, name))
                for name in os.listdir("/proc/%d/fd" % server.pid)}
    except OSError:
        skip(6, "the server's descriptors cannot be seen")
        return
    reserve = max([fd for fd, target in used.items() if fd > 2 and target == "/dev/null"], default=None)
    if reserve is None or set(range(reserve)) - set(used) or not hasattr(resource, "prlimit"):
        skip(6, "the server's descriptors are not as expected")
        return
    adam = Peer(server, "Adam").handshake()
    limits = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (reserve + 1, limits[1]))
    for _ in range(3):
        is_(Wire(server).error_code(), "busy", "without descriptors a newcomer is told that there is no room")
    adam.settled()
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, limits)
    eve = Peer(server, "Eve").handshake()
    ok(eve.settled(), "and when there are some again it goes on")
    ok(server.err.so_far().count(b"cannot accept connections") < 100, "without a flood in the log")
    is_(server.stop(), 0, "and the server ends as it should")


def main():
    require_cryptography()
    test_signals()
    test_drain()
    test_room()
    test_strangers()
    test_descriptors()
    test_exhausted()


run(main)
