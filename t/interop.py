"""The protocol a second time, written from chatsecure-protocol(7) and sharing nothing with the programs.

Here is what both roles need; interop_client.py and interop_relay.py are the roles. What the page calls an error is an
exception Violation. Strict in what it takes, so that a program that sends what the page does not allow is found out.
The titles of the page's sections stand above the code that follows them.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import select
import socket
import struct
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

SUITES = {"RSA-OAEP-SHA256_AES-256-CBC_HMAC-SHA256": 32, "RSA-OAEP-SHA256_AES-128-CBC_HMAC-SHA256": 16}
STRONGEST_FIRST = list(SUITES)


class Violation(Exception):
    """The other side did what the page does not allow; the argument is the word of the error."""


class Refused(Exception):
    """The other side said `error`: its code."""


class Cut(Exception):
    """The stream ended without `bye`."""


def check(condition, word="bad-message"):
    if not condition:
        raise Violation(word)


# ---- Conventions

LINE_HANDSHAKE, LINE_SESSION = 32768, 65536
PAYLOAD_MAX = 49055
NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,31}")
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _pairs(pairs):
    check(len({name for name, _ in pairs}) == len(pairs))
    return dict(pairs)


def _refuse(_):
    raise Violation("bad-message")


def _count(value, depth):
    """The number of values, the names and texts being legal on the way."""
    if isinstance(value, str):
        check("\0" not in value)
        value.encode("utf-8")
    elif isinstance(value, bool) or value is None:
        pass
    elif isinstance(value, int):
        check(abs(value) < 2**53)
    else:
        check(depth < 6)
        if isinstance(value, dict):
            for name in value:
                _count(name, 0)
            value = value.values()
        return 1 + sum(_count(element, depth + 1) for element in value)
    return 1


def parse(data):
    """The message in bytes that the JSON subset allows."""
    try:
        message = json.loads(data.decode("utf-8"), object_pairs_hook=_pairs, parse_float=_refuse,
                             parse_constant=_refuse)
        check(isinstance(message, dict) and _count(message, 0) <= 2048)
    except (ValueError, RecursionError):
        raise Violation("bad-message") from None
    return message


def build(message):
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()


def member(message, name, kind, legal=lambda value: True, word="bad-message"):
    value = message.get(name)
    check(isinstance(value, kind) and not (kind is int and isinstance(value, bool)))
    check(legal(value), word)
    return value


def optional(message, name, kind, legal=lambda value: True):
    return member(message, name, kind, legal) if name in message else None


def b64(data):
    return base64.b64encode(data).decode()


def unb64(text, size=None):
    check(isinstance(text, str))
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Violation("bad-message") from None
    check(b64(data) == text and size in (None, len(data)))
    return data


def name_member(message, name):
    return member(message, name, str, lambda value: NAME.fullmatch(value), "bad-name")


def text_of(size):
    return lambda value: len(value.encode()) <= size


def not_negative(value):
    return value >= 0


def pem_of(key):
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def key_hash(key):
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).digest()


def fingerprint(key):
    return "SHA256:" + b64(key_hash(key)).rstrip("=")


def identity_from_pem(pem):
    """A public key that another has sent."""
    check(re.fullmatch(r"\s*-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*", pem),
          "bad-handshake")
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except ValueError:
        raise Violation("bad-handshake") from None
    check(isinstance(key, rsa.RSAPublicKey), "bad-handshake")
    numbers = key.public_numbers()
    check(2048 <= key.key_size <= 4096 and numbers.n % 2 and numbers.e % 2 and 65537 <= numbers.e < 2**32,
          "bad-handshake")
    return key


def load_identity(path):
    with open(path, "rb") as file:
        return serialization.load_pem_private_key(file.read(), None)


def same_name(a, b):
    return a.lower() == b.lower()


def lp(data):
    return struct.pack(">I", len(data)) + data


def mac(key, data):
    return hmac.new(key, data, "sha256").digest()


def expand(prk, info, size):
    return HKDFExpand(hashes.SHA256(), size, info.encode()).derive(prk)


def pieces(data, *sizes):
    out, at = [], 0
    for size in sizes:
        out.append(data[at:at + size])
        at += size
    return out


def x25519(pair, public):
    try:
        return pair.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise Violation("bad-handshake") from None


def public_of(pair):
    return pair.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def encrypt(suite, key, iv, text):
    fill = 16 - len(text) % 16
    encryptor = Cipher(algorithms.AES(key[:SUITES[suite]]), modes.CBC(iv)).encryptor()
    return encryptor.update(text + bytes([fill]) * fill) + encryptor.finalize()


def decrypt(suite, key, iv, data):
    check(data and len(data) % 16 == 0)
    decryptor = Cipher(algorithms.AES(key[:SUITES[suite]]), modes.CBC(iv)).decryptor()
    text = decryptor.update(data) + decryptor.finalize()
    check(1 <= text[-1] <= 16 and text.endswith(bytes([text[-1]]) * text[-1]))
    return text[:-text[-1]]


# ---- The handshake, the key schedule


def oaep(use):
    return padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), ("chatsecure/1 " + use).encode())


def schedule(use, m1, m2, suite, c3, d3, secrets, shared):
    """TH, and the keys in the order of the page."""
    th = hashlib.sha256(lp(b"chatsecure/1 handshake") + lp(m1) + lp(m2) + lp(suite.encode()) + lp(c3) + lp(d3)).digest()
    prk = mac(th, secrets + shared)
    if use == "connect":
        return th, pieces(expand(prk, "chatsecure/1 session", 192), *[32] * 6)
    return th, pieces(expand(prk, "chatsecure/1 ratchet", 96), *[32] * 3)


class Handshake:
    """One handshake in one role. Each method takes the bytes of the phase before and gives those of the next."""

    def __init__(self, identity, header, suites=None, use="connect"):
        self.identity, self.header, self.use = identity, header, use
        self.suites = suites or STRONGEST_FIRST
        self.pair, self.secret = X25519PrivateKey.generate(), os.urandom(48)
        self.ratchet_pair = self.peer_key = self.suite = None
        self.offer = None         # the id of phase 1
        self.names_offer = True

    def _message(self, phase, **members):
        if self.use == "client-connect" and phase > 1 and self.names_offer:
            members["offer"] = self.offer
        return build({"type": self.use, "phase": phase, **self.header, **members})

    def belongs(self, message):
        """Whether phase 2, 3 or 4, or a refusal, is of this handshake, as far as it says."""
        return "offer" not in message or unb64(member(message, "offer", str), 16) == unb64(self.offer)

    def _offer(self, phase, suites, **data):
        return self._message(phase, version=1, id=b64(os.urandom(16)), ciphers=suites,
                             data={"key": pem_of(self.identity.public_key()), "dh": b64(public_of(self.pair)), **data})

    def _read(self, message, phase):
        check(message.get("type") == self.use and member(message, "phase", int) == phase)
        return member(message, "data", dict)

    def _read_offer(self, message, phase):
        data = self._read(message, phase)
        member(message, "version", int, lambda value: value == 1, "bad-version")
        unb64(member(message, "id", str), 16)
        ciphers = member(message, "ciphers", list, bool, "no-common-cipher")
        check(all(isinstance(suite, str) for suite in ciphers))
        self.peer_key = identity_from_pem(member(data, "key", str))
        self.peer_dh = unb64(member(data, "dh", str), 32)
        return ciphers, data

    def _decrypt(self, ciphertext):
        try:
            secret = self.identity.decrypt(ciphertext, oaep(self.use))
        except ValueError:
            secret = b""
        return secret if len(secret) == 48 else os.urandom(48)

    def _derive(self, m1, m2, c3, d3, secrets):
        self.th, self.keys = schedule(self.use, m1, m2, self.suite, c3, d3, secrets, x25519(self.pair, self.peer_dh))
        return [mac(key, self.th) for key in self.keys[-2:]]

    # The initiator.

    def phase1(self):
        self.m1 = self._offer(1, self.suites)
        self.offer = parse(self.m1)["id"]
        return self.m1

    def phase3(self, m2):
        m2 = m2.strip(b" \t\r")
        ciphers, data = self._read_offer(parse(m2), 2)
        check(set(ciphers) <= set(self.suites), "no-common-cipher")
        self.suite = ciphers[0]
        theirs = self._decrypt(unb64(member(data, "secret", str)))
        c3, d3, more = self.peer_key.encrypt(self.secret, oaep(self.use)), b"", {}
        if self.use == "client-connect":
            self.ratchet_pair = X25519PrivateKey.generate()
            d3 = public_of(self.ratchet_pair)
            more["dh"] = b64(d3)
        confirm, self.expected = self._derive(self.m1, m2, c3, d3, self.secret + theirs)
        return self._message(3, ciphers=[self.suite], data={"secret": b64(c3), "confirm": b64(confirm), **more})

    def finish(self, m4):
        message = parse(m4)
        confirm = unb64(member(self._read(message, 4), "confirm", str), 32)
        check(hmac.compare_digest(confirm, self.expected), "bad-handshake")
        return message

    # The responder.

    def phase2(self, m1):
        ciphers, _ = self._read_offer(parse(m1), 1)
        self.offer = parse(m1)["id"]
        self.common = [suite for suite in self.suites if suite in ciphers]
        check(self.common, "no-common-cipher")
        self.m1, self.ratchet_pair = m1.strip(b" \t\r"), self.pair
        self.m2 = self._offer(2, self.common, secret=b64(self.peer_key.encrypt(self.secret, oaep(self.use))))
        return self.m2

    def phase4(self, m3, **members):
        message = parse(m3)
        data = self._read(message, 3)
        check(member(message, "ciphers", list) == self.common[:1], "no-common-cipher")
        self.suite = self.common[0]
        c3 = unb64(member(data, "secret", str))
        confirm = unb64(member(data, "confirm", str), 32)
        self.first_dh = unb64(member(data, "dh", str), 32) if self.use == "client-connect" else b""
        expected, own = self._derive(self.m1, self.m2, c3, self.first_dh, self._decrypt(c3) + self.secret)
        check(hmac.compare_digest(confirm, expected), "bad-handshake")
        if self.use == "client-connect":
            x25519(self.pair, self.first_dh)
        return self._message(4, data={"confirm": b64(own)}, **members)


# ---- The secure message


class Direction:
    """One direction of a session with the server."""

    def __init__(self, suite, enc, mac_key):
        self.suite, self.enc, self.mac, self.seq = suite, enc, mac_key, 0

    def _tag(self, sealed):
        return mac(self.mac, struct.pack(">Q", self.seq) + sealed)

    def seal(self, payload, iv=None):
        iv = iv or os.urandom(16)
        sealed = iv + encrypt(self.suite, self.enc, iv, payload)
        line = build({"type": "secure", "payload": b64(sealed), "hmac": b64(self._tag(sealed))})
        self.seq += 1
        return line

    def open(self, message):
        check(message.get("type") == "secure")
        sealed = unb64(member(message, "payload", str))
        tag = unb64(member(message, "hmac", str), 32)
        check(hmac.compare_digest(tag, self._tag(sealed)))
        self.seq += 1
        return decrypt(self.suite, self.enc, sealed[:16], sealed[16:])


# ---- The connection


class Lines:
    """A socket as lines. What is not a whole line yet waits; a deadline passed is a socket.timeout."""

    def __init__(self, sock):
        self.sock, self.data, self.limit = sock, b"", LINE_HANDSHAKE

    def take(self):
        """The next line that is there, or None."""
        while True:
            line, newline, rest = self.data.partition(b"\n")
            check(len(line) < self.limit)
            if not newline:
                return None
            self.data = rest
            line = line[:-1] if line.endswith(b"\r") else line
            if line:
                return line

    def read(self, timeout):
        """The next line; None at the end of the stream."""
        deadline = time.monotonic() + timeout
        while True:
            line = self.take()
            if line is not None:
                return line
            if not select.select([self.sock], [], [], max(0, deadline - time.monotonic()))[0]:
                raise socket.timeout("nothing came")
            try:
                more = self.sock.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                check(not self.data)
                return None
            self.data += more

    def write(self, line):
        self.sock.sendall(line + b"\n")

    def close(self):
        self.sock.close()


def check_error(message):
    member(message, "code", str)
    member(message, "text", str, text_of(512))
    optional(message, "id", str, text_of(64))
    if "dst" in message:
        name_member(message, "dst")


def check_route(message, from_server=False):
    """src, dst and the rest of what every message from one client to another has."""
    name_member(message, "src")
    if message["type"] != "client-disconnect" or not from_server or "dst" in message:
        name_member(message, "dst")
    if message["type"] == "client-disconnect":
        optional(message, "reason", str, text_of(64))
    elif message["type"] == "client-com":
        member(message, "id", str, ID.fullmatch)
    else:
        check(message["type"] == "client-connect" and member(message, "phase", int) in (1, 2, 3, 4))


# ---- Client to client: the ratchet

SKIPPED_MAX = 1000


class Dropped(Exception):
    """A replay."""


class BadSession(Exception):
    """A message for another session, or with a wrong MAC."""


def kdf_rk(rk, dh):
    return pieces(expand(mac(rk, dh), "chatsecure/1 root", 64), 32, 32)


def kdf_ck(ck):
    return mac(ck, b"\1"), mac(ck, b"\2")


def message_keys(mk):
    return pieces(expand(mac(bytes(32), mk), "chatsecure/1 message", 80), 32, 32, 16)


class Ratchet:
    def __init__(self, suite, th, root, pair, peer, initiator, new_pair=X25519PrivateKey.generate):
        self.suite, self.th, self.new_pair = suite, th, new_pair
        self.rk, self.dhs, self.dhr = root, pair, peer
        self.cks = self.ckr = None
        self.ns = self.nr = self.pn = 0
        self.skipped, self.retired = {}, frozenset()
        self.rk, chain = kdf_rk(self.rk, x25519(self.dhs, self.dhr))
        if initiator:
            self.cks = chain
        else:
            self.ckr = chain
            self._turn_sending()

    @classmethod
    def of(cls, handshake, initiator):
        peer = handshake.peer_dh if initiator else handshake.first_dh
        return cls(handshake.suite, handshake.th, handshake.keys[0], handshake.ratchet_pair, peer, initiator)

    def _turn_sending(self):
        self.dhs = self.new_pair()
        self.rk, self.cks = kdf_rk(self.rk, x25519(self.dhs, self.dhr))

    def _tag(self, key, dh, pn, n, ciphertext):
        return mac(key, self.th + dh + struct.pack(">II", pn, n) + ciphertext)

    def seal(self, inner):
        """The `data` of a client-com."""
        mk, self.cks = kdf_ck(self.cks)
        enc, mac_key, iv = message_keys(mk)
        dh, ciphertext = public_of(self.dhs), encrypt(self.suite, enc, iv, inner)
        data = {"session": b64(self.th[:12]), "dh": b64(dh), "pn": self.pn, "n": self.ns, "payload": b64(ciphertext),
                "hmac": b64(self._tag(mac_key, dh, self.pn, self.ns, ciphertext))}
        self.ns += 1
        return data

    def open(self, data):
        """The inner message of a `data`; the state is as before if there is none."""
        session = unb64(member(data, "session", str), 12)
        header = [unb64(member(data, "dh", str), 32)] + [
            member(data, name, int, lambda value: 0 <= value < 2**32) for name in ("pn", "n")]
        ciphertext, tag = unb64(member(data, "payload", str)), unb64(member(data, "hmac", str), 32)
        if session != self.th[:12]:
            raise BadSession
        before = dict(self.__dict__, skipped=dict(self.skipped))
        try:
            enc, mac_key, iv = message_keys(self._key(*header))
            check(hmac.compare_digest(tag, self._tag(mac_key, *header, ciphertext)))
            return decrypt(self.suite, enc, iv, ciphertext)
        except Violation:
            self.__dict__ = before
            raise BadSession from None

    def _skip(self, until):
        if self.ckr is None or until <= self.nr:
            return
        self.budget -= until - self.nr
        check(self.budget >= 0)
        while self.nr < until:
            self.skipped[self.dhr, self.nr], self.ckr = kdf_ck(self.ckr)
            self.nr += 1
        for key in list(self.skipped)[:-SKIPPED_MAX]:
            del self.skipped[key]

    def _key(self, dh, pn, n):
        if (dh, n) in self.skipped:
            return self.skipped.pop((dh, n))
        if dh in self.retired:
            raise Dropped
        self.budget = SKIPPED_MAX
        if dh != self.dhr or self.ckr is None:
            self._skip(pn)
            self.retired |= {self.dhr}
            self.dhr = dh
            self.rk, self.ckr = kdf_rk(self.rk, x25519(self.dhs, self.dhr))
            self.nr, self.pn, self.ns = 0, self.ns, 0
            self._turn_sending()
        elif n < self.nr:
            raise Dropped
        self._skip(n)
        mk, self.ckr = kdf_ck(self.ckr)
        self.nr += 1
        return mk


# ---- Client to client: signed texts


SIGNATURE_PADDING = padding.PSS(padding.MGF1(hashes.SHA256()), 32)


def signed_bytes(sender, receiver, session, message_id, time_ms, body):
    """What a signature covers; sender and receiver are key_hash()es."""
    return (lp(b"chatsecure/1 message") + lp(sender) + lp(receiver) + lp(session) + lp(message_id.encode()) +
            struct.pack(">Q", time_ms) + lp(body.encode()))


def sign(key, data):
    return key.sign(data, SIGNATURE_PADDING, hashes.SHA256())


def is_signed_by(key, data, signature):
    try:
        key.verify(signature, data, SIGNATURE_PADDING, hashes.SHA256())
    except InvalidSignature:
        return False
    return True


# ---- Client to client: inner messages


def fill(inner):
    data = build(inner)
    data += b" " * (-len(data) % 128)
    check(len(data) <= 36352)
    return data


def read_file_step(inner):
    """What file-offer, file-answer, file-data and file-end have."""
    member(inner, "id", str, ID.fullmatch)
    member(inner, "file", str, ID.fullmatch)
    optional(inner, "reason", str, text_of(64))
    if inner["type"] == "file-offer":
        member(inner, "name", str, text_of(255))
        member(inner, "size", int, not_negative)
        unb64(member(inner, "sha256", str), 32)
    elif inner["type"] == "file-data":
        member(inner, "offset", int, not_negative)
        inner["data"] = unb64(member(inner, "data", str))
        check(1 <= len(inner["data"]) <= 24576)
    else:
        member(inner, "status", str)
        optional(inner, "offset", int, not_negative)


def read_inner(data):
    check(len(data) % 128 == 0 and len(data) <= 36352 and not data.startswith(b" "))
    inner = parse(data)
    if member(inner, "type", str) == "text":
        member(inner, "id", str, ID.fullmatch)
        member(inner, "time", int, not_negative)
        member(inner, "body", str, text_of(32768))
        optional(inner, "signature", str)
    elif inner["type"].startswith("file-"):
        read_file_step(inner)
    elif inner["type"] == "receipt":
        ids = member(inner, "ids", list, lambda value: 1 <= len(value) <= 256)
        check(all(isinstance(element, str) and ID.fullmatch(element) for element in ids))
        member(inner, "status", str)
    return inner
