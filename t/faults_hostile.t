#!/usr/bin/env python3
"""Peers that mean harm and know the protocol: each message in each state, sessions mixed up, hostile keys and points,
and what is no JSON of this protocol. Each is refused, and two witnesses notice nothing of it."""

import itertools

from faults import *
from fake_server import FakeServer

# A key is refused before anything is computed with it.
REFUSAL_SECONDS = 0.005

# Points of Curve25519 of small order, and what else is one of them modulo the prime (RFC 7748, section 6.1).
LOW_ORDER = [bytes.fromhex(point) for point in (
    "00" * 32,
    "01" + "00" * 31,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ec" + "ff" * 30 + "7f",
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f")]


# ---- each message in each state ----

def messages(peer):
    """One of each message, with all its members, and a place where it is legal: plain states or "session"."""
    header = {"src": peer.name, "dst": "Nobody"}
    connect = {"version": 1, "id": b64(os.urandom(16)), "ciphers": list(SUITES),
               "data": {"key": peer.identity.pem, "dh": b64(os.urandom(32)), "secret": b64(os.urandom(256)),
                        "confirm": b64(os.urandom(32))}}
    offer = dict(connect, type="client-connect", **header)
    return {
        "connect 1": (json.loads(peer.phase1()), {"start"}),
        "connect 2": (dict(connect, type="connect", phase=2, name=peer.name), set()),
        "connect 3": (dict(connect, type="connect", phase=3, ciphers=[AES_256]), {"phase 2 seen"}),
        "connect 4": (dict(connect, type="connect", phase=4, name=peer.name, id=7), set()),
        "client-connect 1": (dict(offer, phase=1), {"session"}),
        "client-connect 2": (dict(offer, phase=2), {"session"}),
        "client-connect 3": (dict(offer, phase=3), {"session"}),
        "client-connect 4": (dict(offer, phase=4), {"session"}),
        "client-connect 5": (dict(offer, phase=5), set()),
        "client-com": (peer.com("Nobody"), {"session"}),
        "client-disconnect": (dict(header, type="client-disconnect", reason="bye"), {"session"}),
        "list request": ({"type": "list"}, {"session"}),
        "error": ({"type": "error", "code": "denied", "text": "no"}, {"start", "phase 2 seen", "plain in session"}),
        "ping": ({"type": "ping", "id": "1"}, {"session"}),
        "pong": ({"type": "pong", "id": "1"}, {"session"}),
        "bye": ({"type": "bye"}, {"session"}),
        "text": ({"type": "text", "id": "1", "time": 1, "body": "x"}, set()),
        "receipt": ({"type": "receipt", "ids": ["1"], "status": "read"}, set()),
        "secure": ({"type": "secure", "payload": b64(bytes(32)), "hmac": b64(bytes(32))}, set()),
    }


def bring_to(server, state):
    peer = Peer(server, "Eve")
    if state == "phase 2 seen":
        peer.send_line(peer.phase1())
        peer.take_phase2(peer.line())
    elif state != "start":
        peer.handshake()
    return peer


def outcome(peer, state, message):
    """What the server makes of a message: the code of its refusal, or "taken"."""
    if state == "session":
        peer.send(message)
        peer.send({"type": "ping", "id": "after"})
    else:
        peer.send_line(message)
    try:
        line = peer.line()
    except Closed:
        return "closed"
    plain = json.loads(line)
    if plain["type"] == "error":
        peer.ended()
        return plain["code"]
    return "taken"


def each_message(server):
    for name in messages(Peer(server, "Eve")):
        for state in ("start", "phase 2 seen", "session", "plain in session"):
            peer = bring_to(server, state)
            message, legal = messages(peer)[name]
            got = outcome(peer, state, message)
            where = "%s, state %s" % (name, state)
            if name == "error" and state in legal:
                # The client gives up: there is nobody to refuse anything to.
                is_(got, "taken" if state == "plain in session" else "closed", where + ": ends the connection")
            elif name == "connect 3" and state in legal:
                is_(got, "bad-handshake", where + ": legal, and its proof is wrong")
            else:
                is_(got, "taken" if state in legal else "bad-message", where)
            peer.close()


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
    reached("of all of it Eve has seen the one message")
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
        ok(seconds < REFUSAL_SECONDS * SLOW, "%s: at once (%.2f ms)" % (name, 1000 * seconds))

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

    many = b",".join(b'"m%d":0' % i for i in range(3000))
    return {
        "too deep": ping(b'"x":' + b"[" * 6 + b"]" * 6),
        "as deep as a line is long": b'{"a":' * 5000,
        "very many brackets": ping(b'"x":' + b"[" * 15000 + b"]" * 15000),
        "too many members": b'{"type":"ping",%s}' % many,
        "16,000 numbers": ping(b'"x":[' + b",".join([b"0"] * 16000) + b"]"),
        "10,000 empty objects": ping(b'"x":[' + b",".join([b"{}"] * 10000) + b"]"),
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
    for harm, name in ((each_message, "each message in each state"), (mixed_up, "sessions mixed up"),
                          (keys, "hostile keys"), (points, "points of low order"), (json_attacks, "JSON attacks")):
        with witnessed(server, name):
            harm(server)
    is_(server.stop(), 0, "the server ends as it should")


run(main)
