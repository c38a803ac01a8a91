#!/usr/bin/env python3
"""Strangers who do their worst before login: floods, slowloris, phases without end, garbage for proofs."""

from faults import *

# With CHATSECURE_TEST_LIFTED=1 the server has none of the limits that hold strangers off, and the last test must fail.
LIMITS = ["--handshake-timeout=3"]
if os.environ.get("CHATSECURE_TEST_LIFTED", "") not in ("", "0"):
    LIMITS = ["--%s=100000" % name for name in ("max-handshakes", "early-drop", "source-handshakes", "rsa-parallel")]
    LIMITS += ["--source-rate=0", "--penalty-bad=0", "--penalty-timeout=0", "--handshake-timeout=300"]


def flood(server, addresses, seconds):
    """Connections as fast as they come, of which each is given up at once."""
    for number in until(seconds):
        plug = dial(server, addresses[number % len(addresses)])
        if plug:
            plug.close()


def hold(server, addresses, seconds):
    """Connections that are held for as long as the server lets, in number as many as it lets."""
    held = []
    for number in until(seconds):
        plug = dial(server, addresses[number % len(addresses)])
        if plug:
            held.append(plug)
        if len(held) > 500:
            held.pop(0).close()


def slowloris(server, addresses, seconds):
    """A byte now and then on as many connections as there are addresses."""
    plugs = [plug for plug in (dial(server, address) for address in addresses) if plug]
    for number in until(seconds):
        for plug in list(plugs):
            try:
                plug.send(b'{"type":"connect",   '[number % 20:number % 20 + 1])
            except OSError:
                plugs.remove(plug)
                plug.close()
        select.select([], [], [], 0.1)


def phase_1(server, addresses, line, seconds, rate):
    """Phase 1, so many a second, each on a connection of its own, whose answer is waited for by nobody."""
    began = time.monotonic()
    open_plugs = []
    for number in until(seconds):
        late = began + number / rate - time.monotonic()
        if late > 0:
            select.select([], [], [], late)
        plug = dial(server, addresses[number % len(addresses)])
        if plug:
            with contextlib.suppress(OSError):
                plug.send(line)
            open_plugs.append(plug)
        if len(open_plugs) > 200:
            open_plugs.pop(0).close()
    os.write(1, ("# %d a second\n" % ((number + 1) / seconds)).encode())


def phase_1_again(server, address, line, seconds):
    """Phase 1 after phase 1 on one connection, and on the next when that ends."""
    for _ in until(seconds):
        plug = dial(server, address)
        if plug:
            with contextlib.suppress(OSError):
                plug.sendall(line * 100)
                while plug.recv(65536):
                    pass
            plug.close()


def phase_3(server, addresses, line, count):
    """The whole handshake, but for the proof, which is garbage that only the private operation shows to be that; as
    many at once as there are addresses."""
    garbage = dump({"type": "connect", "phase": 3, "ciphers": [AES_256],
                    "data": {"secret": b64(b"\0" + os.urandom(255)), "confirm": b64(os.urandom(32))}}) + b"\n"
    for _ in range(0, count, len(addresses)):
        plugs = [plug for plug in (dial(server, address) for address in addresses) if plug]
        for plug in plugs:
            with contextlib.suppress(OSError):
                plug.send(line)
        ready = []
        for plug in plugs:
            with contextlib.suppress(OSError):
                if b'"phase":2' in plug.recv(8192):
                    ready.append(plug)
        for plug in ready:
            with contextlib.suppress(OSError):
                plug.send(garbage)
        for plug in ready:
            plug.settimeout(harness.DEADLINE)
            with contextlib.suppress(OSError):
                plug.recv(8192)
        for plug in plugs:
            plug.close()


def main():
    require_cryptography()
    server = Server(*LIMITS)
    line = Peer(server, "Olaf").phase1() + b"\n"
    seconds = size(10, 1.5)
    many = sources(size(5000, 1000))
    with witnessed(server, "a flood of connections from one address"):
        attack(flood, server, ["127.1.0.1"], seconds)
    with witnessed(server, "a flood of connections from many addresses"):
        attack(flood, server, many, seconds)
    with witnessed(server, "connections that are held"):
        attack(hold, server, many, seconds)
    with witnessed(server, "slowloris"):
        attack(slowloris, server, sources(size(200, 100), 2), max(seconds, 4))
    with witnessed(server, "phase 1 without end from one address"):
        attack(phase_1, server, ["127.3.0.1"], line, seconds, 5000)
    with witnessed(server, "phase 1 without end from many addresses"):
        attack(phase_1, server, sources(len(many), 4), line, seconds, 5000)
    with witnessed(server, "phase 1 again and again on one connection"):
        attack(phase_1_again, server, "127.5.0.1", line, seconds)
    with witnessed(server, "phase 3 with garbage"):
        attack(phase_3, server, sources(size(500, 200), 6), line, size(500, 200))
    with witnessed(server, "phase 3 with garbage from thousands"):
        floods = [launch(phase_3, server, sources(1000, 7 + 4 * number), line, size(3000, 1000))
                  for number in range(size(6, 2))]
        for pid in floods:
            join(pid)
    is_(server.stop(), 0, "the server ends as it should")


run(main)
