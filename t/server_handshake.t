#!/usr/bin/env python3
"""The server's side of the handshake: what it accepts, and what each wrong thing in it leads to."""

import json
import os

from harness import *
from wire import *


def refusal(server, line, name, code="bad-message"):
    """A first line that ends the connection with that code."""
    with Wire(server) as wire:
        wire.send_line(line)
        is_(wire.error_code(), code, name)


def test_good(server):
    adam = Peer(server, "Adam").handshake()
    is_(adam.server_fingerprint, server.fingerprint, "phase 2 has the key that was announced")
    is_(adam.common, [AES_256, AES_128], "both suites are in common")
    is_(adam.server_name, "Relay-1", "the server gives its name")
    ok(adam.id >= 1, "the session has a number")
    adam.settled()
    reached("secure messages go both ways")
    adam.bye()

    eve = Peer(server, "Eve", suites=[AES_128]).handshake()
    is_(eve.common, [AES_128], "a client that accepts AES-128 alone gets it")
    eve.settled()
    reached("and can be talked to")
    eve.bye()

    eve = Peer(server, "Eve", suites=["ROT-13", AES_128, AES_256]).handshake()
    is_(eve.common, [AES_256, AES_128], "the answer is in the server's order, and knows what it knows")
    eve.bye()

    eve = Peer(server, "Eve")
    eve.send_bytes(b"\n\r\n" + eve.phase1().replace(b"\n", b"") + b"\r\n\n")
    eve.take_phase2(eve.line())
    eve.send_bytes(eve.phase3() + b"\n\n")
    eve.take_phase4(eve.open(eve.line()))
    eve.settled()
    reached("empty lines and carriage returns do no harm")
    eve.bye()

    eve = Peer(server, "Eve")
    for byte in eve.phase1() + b"\n":
        eve.send_bytes(bytes([byte]))
    eve.take_phase2(eve.line())
    phase3 = eve.phase3() + b"\n"
    eve.send_bytes(phase3 + eve.seal({"type": "ping", "id": "early"}) + b"\n")
    eve.take_phase4(eve.open(eve.line()))
    is_(eve.receive("pong")["id"], "early", "bytes one by one, and a payload right behind phase 3")
    eve.bye()


def test_offers(server):
    make = lambda **members: Peer(server, "Eve").phase1(**members)
    refusal(server, make(version=2), "another version", "bad-version")
    refusal(server, make(version="1"), "a version that is a string")
    refusal(server, make(ciphers=["ROT-13"]), "no suite in common", "no-common-cipher")
    refusal(server, make(ciphers=[]), "no suite at all", "no-common-cipher")
    refusal(server, make(ciphers="AES"), "suites that are no array")
    refusal(server, make(phase=2), "phase 2 from a client")
    refusal(server, make(phase=3), "phase 3 without its members")
    refusal(server, make(phase=5), "phase 5")
    refusal(server, make(phase=None), "no phase")
    refusal(server, make(type="hello"), "an unknown type")
    refusal(server, make(type="client-connect"), "client-connect in plain")
    refusal(server, make(id=b64(bytes(15))), "an id of 15 bytes")
    refusal(server, make(id="!" * 24), "an id that is not base64")
    for name in ("", "9", "-a", "a b", "a" * 33, "Ådam", "a/b", "adam\x1b[2J"):
        refusal(server, make(name=name), "the name %r" % name, "bad-name")
    refusal(server, make(name=7), "a name that is a number")
    for name in ("a", "Z.9_-", "a" * 32):
        peer = Peer(server, name, key="eve").handshake()
        peer.bye()
        reached("the name %r is good" % name)
    pem = Identity("eve").pem
    dh = b64(os.urandom(32))
    for data, name, code in (
            ({"key": pem, "dh": b64(bytes(31))}, "a dh of 31 bytes", "bad-message"),
            ({"key": pem, "dh": b64(bytes(33))}, "a dh of 33 bytes", "bad-message"),
            ({"key": pem, "dh": b64(bytes(32))[:-1]}, "base64 without its padding", "bad-message"),
            ({"key": pem, "dh": b64(bytes(32))[:-2] + "B="}, "base64 with unused bits set", "bad-message"),
            ({"key": pem, "dh": "\n" + b64(bytes(32))}, "base64 with a line break", "bad-message"),
            ({"dh": dh}, "no key", "bad-message"),
            ({"key": "", "dh": dh}, "an empty key", "bad-handshake"),
            ({"key": "garbage", "dh": dh}, "a key that is none", "bad-handshake"),
            ({"key": pem[:200], "dh": dh}, "half a key", "bad-handshake"),
            ({"key": pem + pem, "dh": dh}, "two keys", "bad-handshake"),
            ({"key": pem.replace("PUBLIC", "PRIVATE"), "dh": dh}, "a key of the wrong kind", "bad-handshake"),
            ({"key": small_key(), "dh": dh}, "a key of 1024 bits", "bad-handshake")):
        refusal(server, make(data=data), name, code)
    for point in (bytes(32), b"\1" + bytes(31), b"\xed" + b"\xff" * 30 + b"\x7f"):
        eve = Peer(server, "Eve")
        eve.send_line(eve.phase1(data={"key": pem, "dh": b64(point)}))
        eve.take_phase2(eve.line())
        eve.shared = bytes(32)
        eve.send_line(eve.phase3())
        is_(eve.error_code(), "bad-handshake", "a dh of low order, %s..." % point[:2].hex())
        eve.close()


def small_key():
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(65537, 1024).public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def proof(server, change, name):
    """A phase 3 that fails, always alike."""
    eve = Peer(server, "Eve")
    eve.send_line(eve.phase1())
    eve.take_phase2(eve.line())
    eve.send_line(change(eve))
    is_(eve.error_code(), "bad-handshake", name)
    eve.close()


def test_proofs(server):
    proof(server, lambda eve: eve.phase3(wrong_confirm=True), "a wrong confirm")
    proof(server, lambda eve: eve.phase3(bad_secret=os.urandom(256)), "a secret that decrypts to nothing")
    proof(server, lambda eve: eve.phase3(bad_secret=bytes(256)), "a secret of zeros")
    proof(server, lambda eve: eve.phase3(bad_secret=b"\xff" * 256), "a secret above the modulus")
    proof(server, lambda eve: eve.phase3(bad_secret=eve.server_key.encrypt(os.urandom(47), oaep(eve.LABEL))),
          "a secret of 47 bytes")
    proof(server, lambda eve: eve.phase3(bad_secret=eve.server_key.encrypt(eve.secret, oaep(b"another label"))),
          "a secret under another label")
    proof(server, lambda eve: eve.phase3(bad_secret=os.urandom(255)), "a secret of 255 bytes")

    def tampered(eve):
        eve.m1 = eve.m1.replace(b'"Eve"', b'"Eva"')
        return eve.phase3()

    proof(server, tampered, "a phase 1 that was changed on its way")

    def downgraded(eve):
        eve.m2 = eve.m2.replace(AES_256.encode() + b'","', b"")
        return eve.phase3()

    proof(server, downgraded, "a phase 2 that was changed on its way")
    eve = Peer(server, "Eve")
    eve.send_line(eve.phase1())
    eve.take_phase2(eve.line())
    eve.send_line(eve.phase3(ciphers=[AES_128]))
    ok(eve.error_code() in ("bad-handshake", "no-common-cipher", "bad-message"),
       "a suite that is not the first of phase 2 leads nowhere")
    # A captured handshake, said again.
    adam = Peer(server, "Adam")
    phase1 = adam.phase1()
    adam.send_line(phase1)
    adam.take_phase2(adam.line())
    phase3 = adam.phase3()
    adam.send_line(phase3)
    adam.take_phase4(adam.open(adam.line()))
    replay = Wire(server)
    replay.send_line(phase1)
    replay.line()
    replay.send_line(phase3)
    is_(replay.error_code(), "bad-handshake", "a replayed handshake")
    adam.settled()
    reached("does not disturb the session it was taken from")
    adam.bye()


# PROTOCOL, "Conventions": every line that is not to be taken, whoever sends it.
BAD_LINES = [
    (b"hello", "no JSON"),
    (b"[]", "an array on top"),
    (b'"x"', "a string on top"),
    (b"{", "half an object"),
    (b'{"type":"ping"}}', "something behind the object"),
    (b'{"type":"ping"} {"type":"ping"}', "two objects"),
    (b"{'type':'ping'}", "single quotes"),
    (b'{"type":"ping",}', "a comma too many"),
    (b'{"type":"ping","type":"ping"}', "a member twice"),
    (b'{"type":"ping","x":{"a":1,"a":2}}', "a member twice, deeper"),
    (b'{"type":"ping","\\u0061":1,"a":2}', "a member twice, escaped once"),
    (b'{"type":"ping","x":NaN}', "NaN"),
    (b'{"type":"ping","x":1.0}', "a fraction"),
    (b'{"type":"ping","x":1e3}', "an exponent"),
    (b'{"type":"ping","x":01}', "a leading zero"),
    (b'{"type":"ping","x":+1}', "a plus sign"),
    (b'{"type":"ping","x":9007199254740992}', "an integer too large"),
    (b'{"type":"ping","x":-9007199254740992}', "an integer too small"),
    (b'{"type":"ping","x":"\x01"}', "a control byte"),
    (b'{"type":"ping","x":"\t"}', "a tab in a string"),
    (b'{"type":"ping","x":"\xff"}', "a byte that is not UTF-8"),
    (b'{"type":"ping","x":"\xc0\xaf"}', "an overlong form"),
    (b'{"type":"ping","x":"\xed\xa0\x80"}', "a surrogate in UTF-8"),
    (b'{"type":"ping","x":"\xf4\x90\x80\x80"}', "a character above U+10FFFF"),
    (b'{"type":"ping","x":"\\ud800"}', "a lone high surrogate"),
    (b'{"type":"ping","x":"\\udc00\\ud800"}', "surrogates the wrong way round"),
    (b'{"type":"ping","x":"\\u0000"}', "an escaped NUL"),
    (b'{"type":"ping","x":"\0"}', "a NUL"),
    (b'{"type":"ping"}\0', "a NUL behind the object"),
    (b'{"type":"ping","x":"\\x"}', "an unknown escape"),
    (b'{"type":"ping","x":' + b"[" * 6 + b"]" * 6 + b"}", "nesting 7 deep"),
    (b'{"type":"ping","x":[' + b"0," * 2048 + b"0]}", "more than 2,048 values"),
    (b'{"type":"ping" "x":1}', "a missing comma"),
    (b'{"type":"ping"}//', "a comment"),
    (b'{"type":"ping","x":True}', "a word that is none"),
    (b"\xef\xbb\xbf{\"type\":\"ping\"}", "a byte order mark"),
    (b"{}", "no type"),
    (b'{"type":1}', "a type that is a number"),
    (b'{"type":null}', "a type that is null"),
    (b'{"type":"ping\\u0020"}', "a type with a blank"),
]


def test_bad_lines(server):
    witness = Peer(server, "Adam").handshake()
    for line, name in BAD_LINES:
        refusal(server, line, "in plain: " + name)
        eve = Peer(server, "Eve").handshake()
        eve.send(line)
        is_(eve.error_code(), "bad-message", "sealed: " + name)
        eve.close()
    refusal(server, b'{"x":"' + b"a" * LINE_MAX_HANDSHAKE + b'"}', "a plain line too long")
    with Wire(server) as wire:
        wire.send_bytes(b"a" * LINE_MAX_HANDSHAKE)
        is_(wire.error_code(), "bad-message", "a plain line too long, without its end")
    eve = Peer(server, "Eve").handshake()
    eve.send_bytes(b"a" * LINE_MAX)
    is_(eve.error_code(), "bad-message", "a line of a session too long, without its end")
    eve.close()
    eve = Peer(server, "Eve").handshake()
    payload = b'{"type":"ping","id":"x","fill":"' + b"a" * (49055 - 34) + b'"}'
    is_(len(payload), 49055, "the largest payload")
    line = eve.seal(payload)
    ok(len(line) + 1 <= LINE_MAX, "fits a line")
    eve.send_line(line)
    is_(eve.receive("pong")["id"], "x", "and is taken")
    eve.bye()
    witness.settled()
    reached("all the while nobody else noticed")
    witness.bye()


def test_secure(server):
    """What can be wrong with a secure message: one and the same for the one who sends it."""

    def broken(change, name):
        eve = Peer(server, "Eve").handshake()
        eve.send_line(change(eve, json.loads(eve.seal({"type": "list"}))))
        is_(eve.error_code(), "bad-message", name)
        eve.close()

    def with_(message, **members):
        return dump(dict(message, **members))

    def flip(text, index):
        data = bytearray(unb64(text))
        data[index] ^= 1
        return b64(bytes(data))

    broken(lambda eve, m: with_(m, hmac=flip(m["hmac"], 0)), "a wrong MAC")
    broken(lambda eve, m: with_(m, hmac=b64(unb64(m["hmac"])[:16])), "half a MAC")
    broken(lambda eve, m: with_(m, payload=flip(m["payload"], 0)), "a changed IV")
    broken(lambda eve, m: with_(m, payload=flip(m["payload"], -1)), "a changed ciphertext")
    broken(lambda eve, m: with_(m, payload=b64(unb64(m["payload"])[:16])), "no ciphertext")
    broken(lambda eve, m: with_(m, payload=b64(unb64(m["payload"])[:-1])), "a ciphertext cut short")
    broken(lambda eve, m: with_(m, payload="!!!!"), "a payload that is not base64")
    broken(lambda eve, m: with_(m, payload=None), "a payload that is null")
    broken(lambda eve, m: dump({"type": "secure", "payload": m["payload"]}), "no MAC")
    broken(lambda eve, m: b'{"type":"list"}', "a payload in plain")
    broken(lambda eve, m: eve.phase1(), "phase 1 again")
    broken(lambda eve, m: eve.phase3(), "phase 3 again")

    eve = Peer(server, "Eve").handshake()
    line = eve.seal({"type": "ping"})
    eve.send_line(line)
    eve.receive("pong")
    eve.send_line(line)
    is_(eve.error_code(), "bad-message", "a message said twice")
    eve.close()
    eve = Peer(server, "Eve").handshake()
    first, second = eve.seal({"type": "ping"}), eve.seal({"type": "ping"})
    eve.send_line(second)
    is_(eve.error_code(), "bad-message", "a message left out")
    eve.close()
    eve = Peer(server, "Eve").handshake()
    eve.keys["send"] = eve.keys["receive"]
    eve.send({"type": "ping"})
    is_(eve.error_code(), "bad-message", "a message under the server's keys")
    eve.close()


def test_restricted():
    server = Server("--ciphers", "AES-128")
    eve = Peer(server, "Eve").handshake()
    is_(eve.common, [AES_128], "--ciphers AES-128 leaves AES-128")
    eve.bye()
    is_(Peer(server, "Eve", suites=[AES_256]).refused(), "no-common-cipher", "and refuses the rest")
    server = Server("--ciphers", AES_128 + "," + AES_256)
    eve = Peer(server, "Eve").handshake()
    is_(eve.common, [AES_128, AES_256], "the order of --ciphers is the server's preference")
    eve.bye()


def test_deadline():
    server = Server("--handshake-timeout", str(scaled(1)))
    adam = Peer(server, "Adam").handshake()
    silent, half, talker = Wire(server), Wire(server), Peer(server, "Eve")
    half.send_bytes(b'{"type":"connect",')
    talker.send_line(talker.phase1())
    talker.take_phase2(talker.line())
    is_(silent.error_code(), "timeout", "one who says nothing is told that it is too late")
    is_(half.error_code(), "timeout", "so is one with half a line")
    is_(talker.error_code(), "timeout", "and one in the middle of its handshake")
    adam.settled()
    reached("a session has no such deadline")
    adam.bye()


def main():
    require_cryptography()
    server = Server(*LIFTED, "--name", "Relay-1")
    test_good(server)
    test_offers(server)
    test_proofs(server)
    test_bad_lines(server)
    test_secure(server)
    test_restricted()
    test_deadline()
    is_(server.status, None, "the server is still there")
    is_(server.stop(), 0, "and ends as it should")


run(main)
