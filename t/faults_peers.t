#!/usr/bin/env python3
"""Peers who vanish in every way there is, lines at and over each limit and without an end, and a server that has hardly
a descriptor."""

from faults import *


def vanish(server, addresses):
    """Clients who stop, reset, close one side, and stop in the middle of a record; and strangers who do."""
    peers = [Peer(server, "Gone%d" % number, key="adam", source=address).handshake()
             for number, address in enumerate(addresses)]
    record = peers[0].com("Wanda", 1)
    for number, peer in enumerate(peers):
        kind = number % 4
        if kind == 0:
            peer.reset()
        elif kind == 1:
            peer.half_close()
        else:
            sealed = peer.seal(record) + b"\n"
            peer.send_bytes(sealed[:len(sealed) // 2])
            peer.reset() if kind == 2 else peer.half_close()
    for number, address in enumerate(addresses):
        stranger = Peer(server, "Olaf", source=address)
        line = stranger.phase1() + b"\n"
        stranger.send_bytes(line[:(number + 1) * len(line) // len(addresses)])
        stranger.reset() if number % 2 else stranger.half_close()
    for peer in peers[1::2]:
        with contextlib.suppress(Closed):
            while peer.line():
                pass


def freeze(server, address):
    """A client that is stopped: its connection stands and its kernel takes what fits."""
    peer = Peer(server, "Frozen", key="adam", source=address, receive_buffer=4096).handshake()
    os.write(1, b"# it is there\n")
    os.kill(os.getpid(), signal.SIGSTOP)
    peer.reset()


def frozen(server):
    """Sends to one that is stopped until the server says that its queue is full, and until it has dropped it."""
    pid = launch(freeze, server, "127.7.0.1")
    _, status = os.waitpid(pid, os.WUNTRACED)
    require(os.WIFSTOPPED(status), "the client is stopped")
    sender = Peer(server, "Sender", key="adam", source="127.7.0.2").handshake()
    codes = set()
    number = 0
    while "no-such-user" not in codes:
        sender.send(sender.com("Frozen", number, pad="x" * 20000))
        number += 1
        while select.select([sender.socket], [], [], 0.001 if "queue-full" not in codes else 0.05)[0] or sender.input:
            message = sender.receive()
            if message["type"] == "error":
                codes.add(message["code"])
    is_(codes, {"queue-full", "no-such-user"}, "one that is stopped gets no more than its queue holds, and is dropped")
    sender.close()
    os.kill(pid, signal.SIGCONT)
    join(pid, end=True)


def stretch(line, size, end):
    """The line in that many bytes, with its end or without one: there may be white space in JSON."""
    return line[:-1] + b" " * (size - len(line) - end) + b"}" + (b"\n" if end else b"")


def lines(server, address):
    """Lines at each limit, over it, and without an end, of strangers and of clients."""
    def stranger(size, end):
        with Peer(server, "Olaf", source=address) as wire:
            line = wire.phase1()
            wire.send_bytes(stretch(line, size, end))
            return json.loads(wire.line())

    message = stranger(LINE_MAX_HANDSHAKE, True)
    is_(message.get("phase"), 2, "a line of the handshake at the limit is taken")
    message = stranger(LINE_MAX_HANDSHAKE + 1, True)
    is_(message.get("code"), "bad-message", "one over it is not")
    message = stranger(LINE_MAX_HANDSHAKE, False)
    is_(message.get("code"), "bad-message", "nor is one without an end")

    def client(size, end):
        with Peer(server, "Lines", key="adam", source=address).handshake() as peer:
            line = peer.seal({"type": "ping", "id": "p"})
            peer.send_bytes(stretch(line, size, end))
            line = peer.line()
            if json.loads(line)["type"] == "error":
                return json.loads(line)
            return json.loads(peer.open(line))

    message = client(LINE_MAX, True)
    is_(message.get("type"), "pong", "a line of a session at the limit is taken")
    message = client(LINE_MAX + 1, True)
    is_(message.get("code"), "bad-message", "one over it is not")
    message = client(LINE_MAX, False)
    is_(message.get("code"), "bad-message", "nor is one without an end")


def endless(server, addresses, seconds):
    """Lines without an end, byte after byte, of many strangers at once."""
    plugs = [plug for plug in (dial(server, address) for address in addresses) if plug]
    for _ in until(seconds):
        for plug in list(plugs):
            try:
                plug.setblocking(False)
                plug.send(b" " * 4096)
            except BlockingIOError:
                pass
            except OSError:
                plugs.remove(plug)
                plug.close()
        if not plugs:
            plugs = [plug for plug in (dial(server, address) for address in addresses) if plug]
        select.select([], [], [], 0.02)


def crowd(server, addresses, seconds):
    """More connections than the server has descriptors for."""
    plugs = []
    for number in until(seconds):
        plug = dial(server, addresses[number % len(addresses)], timeout=0.5)
        if plug:
            plugs.append(plug)
        if len(plugs) > 100:
            plugs.pop(0).close()


def main():
    require_cryptography()
    seconds = size(5, 1.5)
    server = Server("--stall-timeout=%d" % scaled(2), "--ping-after=%d" % scaled(3))
    with witnessed(server, "peers who vanish"):
        attack(vanish, server, sources(size(200, 40)))
    with witnessed(server, "a peer that is stopped"):
        frozen(server)
    with witnessed(server, "lines at the limits and over them"):
        lines(server, "127.8.0.1")
    with witnessed(server, "lines without an end"):
        attack(endless, server, sources(30, 9), seconds)
    is_(server.stop(), 0, "the server ends as it should")

    few = 64
    server = Server("--handshake-timeout=%d" % scaled(2),
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (few, few)))
    with witnessed(server, "%d descriptors" % few):
        attack(crowd, server, sources(100, 10), seconds)
    is_(server.stop(), 0, "the server ends as it should")


run(main)
