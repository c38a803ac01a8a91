"""A server that does as it is told, for tests of what the client makes of a bad one.

    fake = FakeServer()
    client = Client(fake, "Adam")           # it has .address and .fingerprint as a Server has
    session = fake.accept().handshake()     # or each phase by itself, changed as the test wants it
    session.send({"type": "ping"})

Proxy stands between a client and a real server, hands on what they say, and can change it on the way.
"""

import hashlib
import json
import os
import socket
import threading

import harness
from wire import (AES_256, Closed, Identity, Peer, X25519PrivateKey, X25519PublicKey, b64, dump, hkdf_expand, lp, mac,
                  oaep, raw_public, serialization, unb64)

__all__ = ["Between", "Closed", "FakeServer", "FakeSession", "Proxy"]


class FakeServer:
    """Listens on a free loopback port."""

    def __init__(self, identity="relay"):
        self.identity = Identity(identity)
        self.fingerprint = self.identity.fingerprint
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(harness.DEADLINE)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]

    def accept(self):
        connection, _ = self.listener.accept()
        return FakeSession(connection, self.identity)

    def close(self):
        self.listener.close()


class FakeSession(Peer):
    """The server's end of a connection."""

    def __init__(self, connection, identity):  # pylint: disable=super-init-not-called
        self.socket = connection
        self.socket.settimeout(harness.DEADLINE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = bytearray()
        self.identity = identity
        self.name = "relay"
        self.dh = X25519PrivateKey.generate()
        self.secret = os.urandom(48)
        self.sent = self.received = 0

    def take_phase1(self):
        self.m1 = self.line()
        message = json.loads(self.m1)
        harness.require(message["type"] == "connect" and message["phase"] == 1, "phase 1, not %r" % message)
        self.client = message["name"]
        self.client_key = serialization.load_pem_public_key(message["data"]["key"].encode())
        self.shared = self.dh.exchange(X25519PublicKey.from_public_bytes(unb64(message["data"]["dh"])))
        return message

    def phase2(self, **members):
        message = {"type": "connect", "phase": 2, "version": 1, "id": b64(os.urandom(16)), "ciphers": [AES_256],
                   "name": self.name,
                   "data": {"key": self.identity.pem, "dh": b64(raw_public(self.dh.public_key())),
                            "secret": b64(self.client_key.encrypt(self.secret, oaep(self.LABEL)))}}
        message.update(members)
        self.m2 = dump(message)
        return self.m2

    def take_phase3(self):
        message = json.loads(self.line())
        harness.require(message["type"] == "connect" and message["phase"] == 3, "phase 3, not %r" % message)
        sealed = unb64(message["data"]["secret"])
        secret = self.identity.private.decrypt(sealed, oaep(self.LABEL))
        th = hashlib.sha256(lp(b"chatsecure/1 handshake") + lp(self.m1) + lp(self.m2) + lp(AES_256.encode()) +
                            lp(sealed) + lp(b"")).digest()
        keys = hkdf_expand(mac(th, secret, self.secret, self.shared), b"chatsecure/1 session", 192)
        self.keys = {"receive": (keys[0:32], keys[32:64]), "send": (keys[64:96], keys[96:128])}
        harness.require(unb64(message["data"]["confirm"]) == mac(keys[128:160], th), "the client's confirm holds")
        self.confirm = mac(keys[160:192], th)
        return message

    def phase4(self, confirm=None, **members):
        message = {"type": "connect", "phase": 4, "name": self.client, "id": 7,
                   "data": {"confirm": b64(self.confirm if confirm is None else confirm)}}
        message.update(members)
        return message

    def handshake(self):
        self.take_phase1()
        self.send_line(self.phase2())
        self.take_phase3()
        self.send(self.phase4())
        return self


class Between:
    """Accepts clients in the place of a server, and connects each of them to it: join(client, server) has both sockets,
    and starts threads that copy() from one to the other."""

    def __init__(self, server):
        self.fingerprint = server.fingerprint
        self._server = (server.host, server.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            client, _ = self._listener.accept()
            self.join(client, socket.create_connection(self._server))

    def copy_with(self, *arguments):
        """Has a thread call self.copy() with those arguments."""
        threading.Thread(target=self.copy, args=arguments, daemon=True).start()


class Proxy(Between):
    """Between clients and the server; change(line, number) is asked about each line that the server sends."""

    def __init__(self, server, change):
        self._change = change
        super().__init__(server)

    def join(self, client, server):
        self.copy_with(client, server, None)
        self.copy_with(server, client, self._change)

    @staticmethod
    def copy(source, target, change):
        try:
            for number, line in enumerate(source.makefile("rb"), 1):
                target.sendall(change(line, number) if change else line)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass
