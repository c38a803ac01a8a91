#!/usr/bin/env python3
"""The real programs with somebody on the way between them, and with peers that mean harm.

Every result is an orderly one: an exit status that says what happened, and no message that was not sent. A stride of
CHATSECURE_FAULT_STRIDE bytes, a prime, is between the places where bits are flipped and streams are cut: 1 tries all.
"""

import itertools
import json
import os
import re
import socket
import threading
import time

from harness import *
from fake_server import FakeServer
from wire import *

STRIDE = int(os.environ.get("CHATSECURE_FAULT_STRIDE", "97"))
SCALE = float(os.environ.get("CHATSECURE_TEST_SCALE", "1"))

# A key is refused before anything is computed with it.
REFUSAL_SECONDS = 0.005

TO_SERVER, TO_CLIENT = "to the server", "to the client"

# Points of Curve25519 of small order, and what else is one of them modulo the prime (RFC 7748, section 6.1).
LOW_ORDER = [bytes.fromhex(point) for point in (
    "00" * 32,
    "01" + "00" * 31,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ec" + "ff" * 30 + "7f",
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f")]


# ---- somebody on the way ----

class Way:
    """Hands on what a client and the server say, through change(direction, offset, data); None cuts both off."""

    def __init__(self, server, change=lambda direction, offset, data: data):
        self.fingerprint = server.fingerprint
        self.passed = {TO_SERVER: 0, TO_CLIENT: 0}
        self.change = change
        self._server = (server.host, server.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            client, _ = self._listener.accept()
            server = socket.create_connection(self._server)
            for number in self.passed:
                self.passed[number] = 0
            for source, target, direction in ((client, server, TO_SERVER), (server, client, TO_CLIENT)):
                threading.Thread(target=self._copy, args=(source, target, direction), daemon=True).start()

    def _copy(self, source, target, direction):
        try:
            while data := source.recv(65536):
                changed = self.change(direction, self.passed[direction], data)
                self.passed[direction] += len(data)
                if changed is None:
                    source.shutdown(socket.SHUT_RDWR)
                    break
                target.sendall(changed)
            target.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def flip(where, place):
    """Flips a bit of the byte number place in that direction."""

    def change(direction, offset, data):
        if direction != where or not offset <= place < offset + len(data):
            return data
        data = bytearray(data)
        data[place - offset] ^= 1 << place % 8
        return bytes(data)

    return change


def cut(where, place):
    """Ends the connection before the byte number place in that direction."""

    def change(direction, offset, data):
        return None if direction == where and offset + len(data) > place else data

    return change


class Receiver:
    """Eve, who takes what comes, and counts."""

    def __init__(self, server):
        self.program = Client(server, "Eve", "--receive", stdin=None)
        server.err.expect(r"Eve is connected")
        self.texts = 0

    def settle(self, sent):
        """Waits until as many texts have come as were sent for sure; gives how many more there are."""
        self.program.out.wait_lines(self.texts + sent)
        lines = self.program.out.so_far().decode().splitlines()
        more = len(lines) - self.texts - sent
        self.texts = len(lines)
        return more, [line for line in lines if not re.fullmatch(r"\[[\d:]+\] \[Adam\]: hello", line)]


def say_hello(way):
    """Adam says hello to Eve; gives the exit status."""
    adam = Client(way, "Adam", "--timeout", "2", state=folder("adam"))
    adam.finish("Eve: hello\n")
    status = adam.wait()
    adam.out.bytes()
    return status


def spoil(way, eve, make, totals, good, name):
    """Spoils the way at many places, and looks at each result."""
    odd, statuses = [], {}
    sent = 0
    for where in totals:
        for place in range(totals[where] % STRIDE // 2, totals[where], STRIDE):
            way.change = make(where, place)
            status = say_hello(way)
            statuses[status] = statuses.get(status, 0) + 1
            sent += status == 0
            if status not in good:
                odd.append("byte %d %s: exit status %s" % (place, where, status))
    way.change = lambda direction, offset, data: data
    is_(say_hello(way), 0, "%s: afterwards a message goes through" % name)
    more, wrong = eve.settle(sent + 1)
    # What has come and whose receipt has not is what the sender cannot know.
    ok(0 <= more <= sum(statuses.values()), "%s: what was delivered has come" % name)
    if not ok(not wrong, "%s: nothing has come that was not sent" % name):
        diag("\n".join(wrong[:5]))
    if not ok(not odd, "%s at %d places: each end is orderly" % (name, sum(statuses.values()))):
        diag("\n".join(odd))
    diag("%s: exit statuses %s" % (name, dict(sorted(statuses.items(), key=str))))


def on_the_way(server):
    eve = Receiver(server)
    way = Way(server)
    is_(say_hello(way), 0, "a message goes over a way that does nothing")
    eve.settle(1)
    totals = dict(way.passed)
    ok(min(totals.values()) > 2000, "it takes some thousand bytes each way")
    # 3 the connection, 4 another key, 13 what fails its checks, 5 and 14 what a server may say of an offer that was
    # changed, 11 when the receipt is lost.
    spoil(way, eve, flip, totals, (0, 3, 4, 5, 11, 13, 14), "a bit flipped")
    spoil(way, eve, cut, totals, (0, 3, 11), "the stream cut")
    is_(eve.program.status, None, "Eve has noticed nothing")
    eve.program.signal(15)
    eve.program.wait()


def downgrade(server):
    def offer(change):
        def changed(direction, offset, data):
            return change(data) if direction == TO_SERVER and offset == 0 else data
        return changed

    def answer(change):
        def changed(direction, offset, data):
            return change(data) if direction == TO_CLIENT and offset == 0 else data
        return changed

    strong, weak = ('"%s"' % suite for suite in (AES_256, AES_128))
    both = ("[%s,%s]" % (strong, weak)).encode()
    for change, name in (
            (offer(lambda data: data.replace(both, ("[%s]" % weak).encode())), "an offer of the weaker suite alone"),
            (offer(lambda data: data.replace(both, ("[%s,%s]" % (weak, strong)).encode())), "an offer in other order"),
            (answer(lambda data: data.replace(both, ("[%s]" % weak).encode())), "an answer of the weaker suite alone"),
            (answer(lambda data: data.replace(both, ("[%s,%s]" % (weak, strong)).encode())),
             "an answer in other order"),
            (offer(lambda data: data.replace(b'"version":1', b'"version":0')), "another version")):
        seen = []

        def watch(direction, offset, data, change=change, seen=seen):
            made = change(direction, offset, data)
            seen.append(made != data)
            return made

        status = say_hello(Way(server, watch))
        ok(any(seen), "%s, made on the way" % name)
        ok(status in (5, 13), "is noticed: exit status %s" % status)


# ---- sessions mixed up ----

def mixed_up(server):
    def ends(peer, line, name):
        peer.send_line(line)
        is_(peer.error_code(), "bad-message", name)
        peer.close()

    eve = Peer(server, "Eve").handshake()

    def adam():
        return Peer(server, "Adam").handshake()

    peer = adam()
    line = peer.seal(peer.com("Eve", 1))
    peer.send_line(line)
    is_(eve.receive("client-com")["id"], "m1", "a message is relayed")
    ends(peer, line, "said again it ends its sender's session")
    peer = adam()
    first, second = peer.seal(peer.com("Eve", 2)), peer.seal(peer.com("Eve", 3))
    ends(peer, second, "the second before the first does so too")
    peer = adam()
    other = Peer(server, "Mallory").handshake()
    ends(peer, other.seal(other.com("Eve", 4)), "and one of another session")
    other.close()
    peer = adam()
    peer.send({"type": "ping"})
    ends(peer, peer.line(), "and the server's own, sent back")
    peer = adam()
    dropped = peer.seal({"type": "ping"})
    ends(peer, peer.seal(peer.com("Eve", 5)), "and one after another that was left out")
    ok(dropped != first, "each is a line of its own")

    # The proof of one handshake in another.
    one, two = Peer(server, "Adam"), Peer(server, "Adam")
    for half in (one, two):
        half.send_line(half.phase1())
        half.take_phase2(half.line())
    two.send_line(one.phase3())
    is_(two.error_code(), "bad-handshake", "a proof that was made for another handshake")
    one.close()
    # Phase 1 of another, so that the answer is read by its owner alone.
    thief = Peer(server, "Adam", key="mallory")
    victim = Peer(server, "Adam")
    thief.send_line(victim.phase1())
    thief.m1, line = victim.m1, thief.line()
    message = json.loads(line)
    thief.m2, thief.suite = line, message["ciphers"][0]
    thief.server_key = serialization.load_pem_public_key(message["data"]["key"].encode())
    thief.server_secret, thief.shared = bytes(48), bytes(32)
    thief.send_line(thief.phase3())
    is_(thief.error_code(), "bad-handshake", "the offer of another is of no use without its key")
    victim.close()
    eve.settled()
    ok(True, "of all of it Eve has seen the one message")
    eve.bye()


# ---- hostile keys and points ----

def der(tag, content):
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + content


def number(value):
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def pem_of(n, e):
    """A key of these numbers, whatever they are."""
    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    text = b64(der(0x30, algorithm + der(3, b"\0" + der(0x30, number(n) + number(e)))))
    lines = "\n".join(text[at:at + 64] for at in range(0, len(text), 64))
    return "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n" % lines


def hostile_keys():
    from cryptography.hazmat.primitives.asymmetric import ec

    def odd(bits):
        return 1 << bits - 1 | int.from_bytes(os.urandom(bits // 8 - 1), "big") | 1

    curve = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    return {
        "1024 bits": pem_of(odd(1024), 65537),
        "2047 bits": pem_of(odd(2048) >> 1 | 1, 65537),
        "16384 bits": pem_of(odd(16384), 65537),
        "16384 bits and an exponent of as many": pem_of(odd(16384), odd(16384)),
        "2048 bits and an exponent of as many": pem_of(odd(2048), odd(2048)),
        "exponent 1": pem_of(odd(2048), 1),
        "an even exponent": pem_of(odd(2048), 65538),
        "an even modulus": pem_of(odd(2048) - 1, 65537),
        "an elliptic curve": curve,
        "two blocks": Identity("eve").pem * 2,
        "a block within a block": Identity("eve").pem.replace("\nMII", "\n-----BEGIN PUBLIC KEY-----\nMII"),
    }


def refused_by_server(server, pem):
    """Shows the server a key; gives the seconds until it was refused, and how."""
    mallory = Peer(server, "Mallory")
    line = mallory.phase1(data={"key": pem, "dh": b64(os.urandom(32))})
    begin = time.monotonic()
    mallory.send_line(line)
    message = mallory.plain()
    seconds = time.monotonic() - begin
    mallory.ended()
    mallory.close()
    return seconds, message.get("code")


def keys(server):
    fake = FakeServer()
    for name, pem in hostile_keys().items():
        results = [refused_by_server(server, pem) for _ in range(7)]
        is_({code for _, code in results}, {"bad-handshake"}, "%s: the server refuses it" % name)
        # What it costs: what more some of them take, other programs have taken.
        seconds = min(seconds for seconds, _ in results)
        ok(seconds < REFUSAL_SECONDS * SCALE, "%s: at once (%.2f ms)" % (name, 1000 * seconds))

        client = Client(fake, "Adam")
        client.finish("Eve: hello\n")
        session = fake.accept()
        session.take_phase1()
        data = json.loads(session.phase2())["data"]
        session.send_line(session.phase2(data=dict(data, key=pem)))
        is_(client.wait(), 13, "%s: the client does too" % name)
        session.close()
    fake.close()


def points(server):
    fake = FakeServer()
    for point in LOW_ORDER:
        # With its top bit set it is the same.
        for dh in (point, point[:31] + bytes([point[31] | 0x80])):
            mallory = Peer(server, "Mallory")
            mallory.send_line(mallory.phase1(data={"key": mallory.identity.pem, "dh": b64(dh)}))
            mallory.take_phase2(mallory.line())
            mallory.shared = bytes(32)
            mallory.send_line(mallory.phase3())
            is_(mallory.error_code(), "bad-handshake", "the server refuses the point %s..." % dh.hex()[:8])
            mallory.close()
        client = Client(fake, "Adam")
        client.finish("Eve: hello\n")
        session = fake.accept()
        session.take_phase1()
        data = json.loads(session.phase2())["data"]
        session.send_line(session.phase2(data=dict(data, dh=b64(point))))
        is_(client.wait(), 13, "and so does the client")
        session.close()
    fake.close()


# ---- JSON ----

def texts():
    """What is no JSON of this protocol, by name."""
    def ping(member):
        return b'{"type":"ping",%s}' % member

    many = b",".join(b'"m%d":0' % i for i in range(2100))
    return {
        "too deep": ping(b'"x":' + b"[" * 6 + b"]" * 6),
        "as deep as a line is long": b'{"a":' * 5000,
        "very many brackets": ping(b'"x":' + b"[" * 15000 + b"]" * 15000),
        "too many members": b'{"type":"ping",%s}' % many,
        "16,000 empty objects": ping(b'"x":[' + b",".join([b"{}"] * 10000) + b"]"),
        "a member twice": ping(b'"id":"a","id":"b"'),
        "a member twice, once with an escape": ping(b'"id":"a","\\u0069d":"b"'),
        "NaN": ping(b'"x":NaN'),
        "Infinity": ping(b'"x":-Infinity'),
        "a fraction": ping(b'"x":1.0'),
        "an exponent": ping(b'"x":1e400'),
        "a number beyond all bounds": ping(b'"x":' + b"9" * 1000),
        "one beyond a double's": ping(b'"x":9007199254740993'),
        "a NUL": ping(b'"x":"\\u0000"'),
        "a bare NUL": ping(b'"x":"a\0b"'),
        "a bare control byte": ping(b'"x":"\x1b[2J"'),
        "a lone surrogate": ping(b'"x":"\\ud800"'),
        "surrogates the wrong way round": ping(b'"x":"\\udc00\\ud800"'),
        "an overlong slash": ping(b'"x":"\xc0\xaf"'),
        "an overlong NUL": ping(b'"x":"\xe0\x80\x80"'),
        "a surrogate in UTF-8": ping(b'"x":"\xed\xa0\x80"'),
        "a character above the last": ping(b'"x":"\xf4\x90\x80\x80"'),
        "a byte that is none": ping(b'"x":"\xff"'),
        "single quotes": b"{'type':'ping'}",
        "a comment": b'{"type":"ping"/**/}',
        "a comma too many": b'{"type":"ping",}',
        "something behind it": b'{"type":"ping"}{}',
        "an array": b'[{"type":"ping"}]',
        "a string": b'"ping"',
        "half of it": b'{"type":"ping"',
        "a byte order mark": b'\xef\xbb\xbf{"type":"ping"}',
    }


def json_attacks(server):
    adam, eve = Peer(server, "Adam").handshake(), Peer(server, "Eve").handshake()
    for (name, text), number in zip(texts().items(), itertools.count(1)):
        with Wire(server) as wire:
            wire.send_line(text)
            is_(wire.error_code(), "bad-message", "%s as a first line" % name)
        mallory = Peer(server, "Mallory").handshake()
        mallory.send(text)
        is_(mallory.error_code(), "bad-message", "%s as a payload" % name)
        mallory.close()
        adam.send(adam.com("Eve", number))
        is_(eve.receive("client-com")["id"], "m%d" % number, "meanwhile others talk")
    adam.bye()
    eve.bye()


def main():
    require_cryptography()
    server = Server(*LIFTED)
    on_the_way(server)
    downgrade(server)
    mixed_up(server)
    keys(server)
    points(server)
    json_attacks(server)
    is_(server.status, None, "the server is still there")
    is_(server.stop(), 0, "and ends as it should")


run(main)
