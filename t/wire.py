"""A client of the relay written from chatsecure-protocol(7) alone, with the module cryptography for the primitives.

    peer = Peer(server, "Adam").handshake()     # registered
    peer.send({"type": "list"})
    users = peer.receive("list")["data"]

It does as it is told, so that a test can misbehave at any place: each phase is a method that makes the message and
another that sends it, a message can be changed on its way, and lines and bytes can be sent as they are.
"""

import base64
import hashlib
import hmac
import json
import os
import select
import socket
import time

# A script calls require_cryptography() first, which skips it where this cannot be had.
try:
    from cryptography.hazmat.primitives import hashes, padding, serialization
    from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
except ImportError:
    pass

import harness

AES_256 = "RSA-OAEP-SHA256_AES-256-CBC_HMAC-SHA256"
AES_128 = "RSA-OAEP-SHA256_AES-128-CBC_HMAC-SHA256"
SUITES = (AES_256, AES_128)

LINE_MAX = 65536
LINE_MAX_HANDSHAKE = 32768


class Closed(Exception):
    """The other side has ended the stream, cleanly or not."""


def b64(data):
    return base64.b64encode(data).decode()


def unb64(text):
    return base64.b64decode(text, validate=True)


def dump(message):
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def lp(data):
    return len(data).to_bytes(4, "big") + data


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), "sha256").digest()


def hkdf_expand(prk, info, size):
    out, block = b"", b""
    for counter in range(1, (size + 31) // 32 + 1):
        block = mac(prk, block, info, bytes([counter]))
        out += block
    return out[:size]


def oaep(label):
    return rsa_padding.OAEP(mgf=rsa_padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=label)


def raw_public(key):
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def cbc_encrypt(key, iv, data):
    pad = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(pad.update(data) + pad.finalize()) + encryptor.finalize()


def cbc_decrypt(key, iv, data):
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    unpad = padding.PKCS7(128).unpadder()
    return unpad.update(decryptor.update(data) + decryptor.finalize()) + unpad.finalize()


class Identity:
    """An RSA key of t/keys, or one of the file given."""

    _loaded = {}

    def __init__(self, name):
        path = name if os.sep in name else os.path.join(harness.HERE, "keys", name + ".pem")
        if path not in self._loaded:
            with open(path, "rb") as file:
                self._loaded[path] = serialization.load_pem_private_key(file.read(), None)
        self.private = self._loaded[path]
        public = self.private.public_key()
        self.pem = public.public_bytes(serialization.Encoding.PEM,
                                       serialization.PublicFormat.SubjectPublicKeyInfo).decode()
        der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.fingerprint = "SHA256:" + b64(hashlib.sha256(der).digest()).rstrip("=")


class Wire:
    """A connection to the server that knows lines and no more; from the address source, if one is given."""

    def __init__(self, server, receive_buffer=None, source=None):
        host, port = (server.address if hasattr(server, "address") else server).rsplit(":", 1)
        host = host.strip("[]")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(harness.DEADLINE)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send_bytes(self, data):
        self.socket.sendall(data)

    def send_line(self, line):
        self.send_bytes((line if isinstance(line, bytes) else dump(line)) + b"\n")

    def line(self, timeout=None):
        """The next line without its end. Raises Closed at the end of the stream, TimeoutError."""
        deadline = time.monotonic() + (harness.DEADLINE if timeout is None else timeout)
        while b"\n" not in self.input:
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                data = self.socket.recv(65536)
            except ConnectionError as error:
                raise Closed(str(error)) from None
            if not data:
                raise Closed("in the middle of a line" if self.input else "at the end of a line")
            self.input += data
        end = self.input.index(b"\n")
        line = bytes(self.input[:end])
        del self.input[:end + 1]
        return line

    def plain(self, timeout=None):
        """The next line as JSON."""
        return json.loads(self.line(timeout))

    def error_code(self, timeout=None):
        """The code of the plain error that is due, which must be the last line before the stream's end."""
        message = self.plain(timeout)
        harness.require(message.get("type") == "error", "an error, not %r" % message)
        harness.require(isinstance(message.get("text"), str), "the error has a text")
        self.ended(timeout)
        return message["code"]

    def ended(self, timeout=None):
        """Waits for the end of the stream; a line before it is a failure."""
        try:
            line = self.line(timeout)
        except Closed:
            return
        raise harness.Failure("the stream goes on with %r" % line)

    def is_quiet(self):
        """True if nothing is there to be read at the moment."""
        return not self.input and not select.select([self.socket], [], [], 0)[0]

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Ends the connection with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def close(self):
        self.socket.close()


class Peer(Wire):
    """A client. Its name, key and suites; after handshake() a session."""

    LABEL = b"chatsecure/1 connect"

    def __init__(self, server, name="Adam", key=None, suites=SUITES, **options):
        super().__init__(server, **options)
        self.name = name
        self.identity = Identity(key or (name.lower() if name.lower() in harness.KEYS else "adam"))
        self.suites = list(suites)
        self.dh = X25519PrivateKey.generate()
        self.secret = os.urandom(48)
        self.sent = self.received = 0

    # The handshake: what is made can be changed by members given.

    def phase1(self, **members):
        message = {"type": "connect", "phase": 1, "version": 1, "id": b64(os.urandom(16)), "ciphers": self.suites,
                   "name": self.name, "data": {"key": self.identity.pem, "dh": b64(raw_public(self.dh.public_key()))}}
        message.update(members)
        self.m1 = dump(message)
        return self.m1

    def take_phase2(self, line):
        self.m2 = line
        message = json.loads(line)
        if message["type"] == "error":
            raise Closed(message["code"])
        data = message["data"]
        harness.require(message["type"] == "connect" and message["phase"] == 2 and message["version"] == 1,
                        "phase 2, not %r" % message)
        self.server_name = message["name"]
        self.server_key = serialization.load_pem_public_key(data["key"].encode())
        der = self.server_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.server_fingerprint = "SHA256:" + b64(hashlib.sha256(der).digest()).rstrip("=")
        self.common = message["ciphers"]
        self.suite = self.common[0]
        self.server_secret = self.identity.private.decrypt(unb64(data["secret"]), oaep(self.LABEL))
        self.shared = self.dh.exchange(X25519PublicKey.from_public_bytes(unb64(data["dh"])))
        return message

    def phase3(self, wrong_confirm=False, bad_secret=None, **members):
        sealed = bad_secret if bad_secret is not None else self.server_key.encrypt(self.secret, oaep(self.LABEL))
        th = hashlib.sha256(lp(b"chatsecure/1 handshake") + lp(self.m1) + lp(self.m2) + lp(self.suite.encode()) +
                            lp(sealed) + lp(b"")).digest()
        prk = mac(th, self.secret, self.server_secret, self.shared)
        keys = hkdf_expand(prk, b"chatsecure/1 session", 192)
        size = 32 if self.suite == AES_256 else 16
        self.keys = {"send": (keys[0:32][:size], keys[32:64]), "receive": (keys[64:96][:size], keys[96:128])}
        self.expected_confirm = mac(keys[160:192], th)
        confirm = bytearray(mac(keys[128:160], th))
        if wrong_confirm:
            confirm[-1] ^= 1
        message = {"type": "connect", "phase": 3, "ciphers": [self.suite],
                   "data": {"secret": b64(sealed), "confirm": b64(bytes(confirm))}}
        message.update(members)
        return dump(message)

    def take_phase4(self, payload):
        message = json.loads(payload)
        harness.require(message["type"] == "connect" and message["phase"] == 4, "phase 4, not %r" % message)
        harness.require(unb64(message["data"]["confirm"]) == self.expected_confirm, "the server's confirm holds")
        self.id = message["id"]
        return message

    def handshake(self):
        """Does all of it. Gives the peer itself; raises Closed with the code if the server refuses."""
        self.send_line(self.phase1())
        self.take_phase2(self.line())
        self.send_line(self.phase3())
        line = self.line()
        if json.loads(line)["type"] == "error":
            raise Closed(json.loads(line)["code"])
        self.take_phase4(self.open(line))
        return self

    def refused(self):
        """Does the handshake and gives the code that it is refused with."""
        try:
            self.handshake()
        except Closed as refusal:
            self.ended()
            return str(refusal)
        raise harness.Failure("the handshake of %s is not refused" % self.name)

    # The session.

    def seal(self, payload):
        payload = payload if isinstance(payload, bytes) else dump(payload)
        key, mac_key = self.keys["send"]
        iv = os.urandom(16)
        ciphertext = cbc_encrypt(key, iv, payload)
        tag = mac(mac_key, self.sent.to_bytes(8, "big"), iv, ciphertext)
        self.sent += 1
        return dump({"type": "secure", "payload": b64(iv + ciphertext), "hmac": b64(tag)})

    def open(self, line):
        message = json.loads(line)
        harness.require(message["type"] == "secure", "a secure message, not %r" % message)
        key, mac_key = self.keys["receive"]
        data = unb64(message["payload"])
        tag = mac(mac_key, self.received.to_bytes(8, "big"), data)
        harness.require(hmac.compare_digest(tag, unb64(message["hmac"])), "the message's MAC holds")
        self.received += 1
        return cbc_decrypt(key, data[:16], data[16:])

    def send(self, *payloads):
        """Sends payloads, in one write."""
        self.send_bytes(b"".join(self.seal(payload) + b"\n" for payload in payloads))

    def receive_bytes(self, timeout=None):
        """The bytes of the next payload."""
        return self.open(self.line(timeout))

    def receive(self, kind=None, timeout=None):
        """The next payload as JSON, which must be of that type."""
        message = json.loads(self.receive_bytes(timeout))
        harness.require(kind is None or message["type"] == kind, "a payload %s, not %r" % (kind, message))
        return message

    def settled(self):
        """Waits until the server has done all that was sent before; other payloads are a failure."""
        token = b64(os.urandom(6))
        self.send({"type": "ping", "id": token})
        message = self.receive("pong")
        harness.require(message.get("id") == token, "the pong has the ping's id")
        return self

    def com(self, to, number=0, **members):
        """A client-com as the relay sees one. What is in it nobody can read."""
        message = {"type": "client-com", "src": self.name, "dst": to, "id": "m%d" % number,
                   "data": {"session": b64(bytes(12)), "dh": b64(bytes(32)), "pn": 0, "n": number,
                            "payload": b64(os.urandom(128)), "hmac": b64(os.urandom(32))}}
        message.update(members)
        return message

    def connect_to(self, to):
        """The client-connect, phase 1, as the relay sees one."""
        return {"type": "client-connect", "phase": 1, "src": self.name, "dst": to, "version": 1,
                "id": b64(os.urandom(16)), "ciphers": list(SUITES),
                "data": {"key": self.identity.pem, "dh": b64(raw_public(X25519PrivateKey.generate().public_key()))}}

    def bye(self):
        """Takes its leave and waits for the server's."""
        self.send({"type": "bye"})
        message = self.receive("bye")
        self.ended()
        self.close()
        return message
