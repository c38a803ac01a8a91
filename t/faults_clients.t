#!/usr/bin/env python3
"""Clients who do their worst once they are in: one who floods, readers who stop reading, peers who vanish, hundreds who
do nothing."""

from faults import *


def rush(server, seconds):
    """One client sends to another as fast as it gets rid of it, and to nobody, and asks for lists."""
    sender = Peer(server, "Mallory", source="127.1.0.1").handshake()
    sink = Peer(server, "Sink", key="mallory", source="127.1.0.2").handshake()
    sink.socket.setblocking(False)
    sender.socket.setblocking(False)
    pad = "x" * 1000
    for number in until(seconds):
        burst = b"".join(sender.seal(payload) + b"\n" for payload in (
            [sender.com("Sink", number * 20 + i, pad=pad) for i in range(18)] +
            [sender.com("Nobody", number), {"type": "list"}]))
        view = memoryview(burst)
        end = time.monotonic() + seconds
        while view and time.monotonic() < end:
            drain(sender)
            drain(sink)
            try:
                view = view[sender.socket.send(view):]
            except BlockingIOError:
                select.select([sender.socket, sink.socket], [sender.socket], [], 0.05)


def drain(peer):
    with contextlib.suppress(BlockingIOError):
        while peer.socket.recv(1 << 20):
            pass


def deaf(server, readers, seconds):
    """Readers who stop reading when they are in, and a client who sends to them until their queues are full."""
    peers = [Peer(server, "Deaf%d" % number, key="adam", source=address, receive_buffer=4096).handshake()
             for number, address in enumerate(sources(readers, 2))]
    sender = Peer(server, "Mallory", source="127.3.0.1").handshake()
    pad = "x" * 30000
    refused = 0
    for number in until(seconds):
        if peers:
            sender.send(sender.com(peers[number % len(peers)].name, number, pad=pad))
        while not sender.is_quiet():
            refused += sender.receive()["type"] == "error"
    os.write(1, ("# %d messages were too many for their queues\n" % refused).encode())


def crowd(server, count, seconds):
    """Clients who do nothing."""
    peers = [Peer(server, "Idle%d" % number, key="adam", source=address).handshake()
             for number, address in enumerate(sources(count, 4))]
    select.select([], [], [], seconds)
    for peer in peers:
        peer.reset()


def main():
    require_cryptography()
    raise_descriptors()
    server = Server("--stall-timeout=2")
    seconds = size(10, 2)
    with witnessed(server, "one client who floods"):
        attack(rush, server, seconds)
    with witnessed(server, "a reader who stops reading"):
        attack(deaf, server, 1, seconds)
    count = size(2000, 100)
    with witnessed(server, "%d idle connections" % count):
        attack(crowd, server, count, seconds)
    is_(server.stop(), 0, "the server ends as it should")

    # One sender that may be as fast as it likes, until nothing more may wait for anybody.
    server = Server("--stall-timeout=2", "--rate=0", "--message-rate=0", "--outbox-total=%dM" % size(20, 10))
    readers = size(200, 30)
    with witnessed(server, "%d readers who stop reading" % readers):
        attack(deaf, server, readers, seconds + readers / 20)
    is_(server.stop(), 0, "the server ends as it should")


run(main)
