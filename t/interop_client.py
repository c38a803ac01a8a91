"""A client, written from chatsecure-protocol(7)."""

import socket
import time

from interop import *


class Peer:
    """What a client has with one peer. Everything that came is in lists that only grow."""

    def __init__(self, client, name):
        self.client, self.name = client, name
        self.ratchet = self.key = self.suite = self.initiating = self.responding = None
        self.public_key = None    # of which `key` is the fingerprint
        self.proving = False      # our phase 3 is sent
        self.names_offers = True  # as those do who know how
        self.ignored = []         # phases of other handshakes, each its number
        self.answers = True       # a phase 1 is answered by phase 2 at once
        self.held = None          # the last phase 1
        self.sessions = 0
        self.texts = []           # (id, body), what was handed on
        self.receipts = {}        # id -> statuses, in order
        self.pongs = []           # ids of pings that were answered
        self.duplicates = []      # ids of what came again
        self.reasons = []         # of client-disconnect
        self.errors = []          # of the relay: (code, id)
        self.offers = 0           # phase 1 that came
        self.sent = {}            # id -> inner message, as bytes
        self.signed = {}          # id -> whether the signature of a text that came holds
        self.takes_signatures = True
        self.knows_files = True
        self.confirms_steps = True
        self.steps = []           # of files, that came
        self.refused = []         # ids of client-disconnect bad-signature

    def _header(self):
        return {"src": self.client.name, "dst": self.name}

    def _handshake(self):
        handshake = Handshake(self.client.identity, self._header(), self.client.suites, "client-connect")
        handshake.names_offer = self.names_offers
        return handshake

    def begin(self):
        """Sends phase 1."""
        self.initiating, self.proving = self._handshake(), False
        self.client.send_raw(self.initiating.phase1())

    def text(self, body, message_id, time_ms=1480000000000):
        """Sends a text in the session; or keeps it for the next one."""
        self.sent[message_id] = fill({"type": "text", "id": message_id, "time": time_ms, "body": body})
        if self.ratchet:
            self.send_sealed(message_id, self.sent[message_id])

    def signed_bytes(self, inner, from_here):
        hashes = [key_hash(self.client.identity.public_key()), key_hash(self.public_key)]
        return signed_bytes(*(hashes if from_here else reversed(hashes)), self.ratchet.th[:12], inner["id"],
                            inner["time"], inner["body"])

    def signed_text(self, body, message_id, spoil=lambda signature: signature, time_ms=1480000000000):
        """Sends a text with a signature, in the session; spoil makes something else of its base64."""
        inner = {"type": "text", "id": message_id, "time": time_ms, "body": body}
        signature = b64(sign(self.client.identity, self.signed_bytes(inner, True)))
        self.send_sealed(message_id, fill(dict(inner, signature=spoil(signature))))

    def send_sealed(self, message_id, inner):
        self.client.send(self.sealed(message_id, inner))

    def sealed(self, message_id, inner):
        return {"type": "client-com", **self._header(), "id": message_id, "data": self.ratchet.seal(inner)}

    def step(self, kind, message_id, **members):
        """Sends a step of sending a file."""
        self.send_sealed(message_id, fill({"type": kind, "id": message_id, **members}))

    def disconnect(self, reason, **members):
        self.client.send({"type": "client-disconnect", **self._header(), "reason": reason, **members})

    def _trust(self, handshake):
        mark = fingerprint(handshake.peer_key)
        check(self.key in (None, mark), "untrusted")
        self.key, self.public_key = mark, handshake.peer_key

    def _install(self, handshake, initiator):
        self.ratchet = Ratchet.of(handshake, initiator)
        self.suite = handshake.suite
        self.initiating = self.responding = None
        self.sessions += 1
        for message_id, inner in self.sent.items():
            if message_id not in self.receipts:
                self.send_sealed(message_id, inner)

    def take(self, message, raw):
        kind = message["type"]
        if kind == "client-connect":
            self._take_phase(message["phase"], message, raw)
        elif kind == "client-disconnect":
            self.reasons.append(message.get("reason"))
            if message.get("reason") == "bad-signature":
                check(unb64(message["session"]) == self.ratchet.th[:12])
                self.refused.append(message["id"])
            else:
                self.ratchet = None
        else:
            self._take_com(message)

    def _take_phase(self, phase, message, raw):
        handshake = self.responding if phase == 3 else self.initiating
        if phase > 1 and handshake and not handshake.belongs(message):
            self.ignored.append(phase)
        elif phase == 1:
            self.offers += 1
            if self.initiating and not self.proving and self.client.name.lower() < self.name.lower():
                return
            self.held = raw
            if self.answers:
                self.answer()
        elif phase == 2 and self.initiating:
            answer = self.initiating.phase3(raw)
            self._trust(self.initiating)
            self.proving = True
            self.client.send_raw(answer)
        elif phase == 3 and self.responding:
            self.client.send_raw(self.responding.phase4(raw))
            self._install(self.responding, False)
        elif phase == 4 and self.initiating:
            self.initiating.finish(raw)
            self._install(self.initiating, True)

    def answer(self):
        """Sends phase 2 to the last phase 1 that came."""
        self.initiating, self.responding = None, self._handshake()
        answer = self.responding.phase2(self.held)
        self._trust(self.responding)
        self.client.send_raw(answer)

    def _take_com(self, com):
        try:
            if self.ratchet is None:
                raise BadSession
            inner = read_inner(self.ratchet.open(member(com, "data", dict)))
        except Dropped:
            return
        except BadSession:
            self.disconnect("bad-session")
            return
        if inner["type"] == "text":
            check(inner["id"] == com["id"])
            if "signature" in inner:
                self.signed[com["id"]] = is_signed_by(self.public_key, self.signed_bytes(inner, False),
                                                      unb64(inner["signature"]))
            if not (self.signed.get(com["id"], True) and self.takes_signatures):
                self.disconnect("bad-signature", session=com["data"]["session"], id=com["id"])
                return
            if com["id"] in dict(self.texts):
                self.duplicates.append(com["id"])
            else:
                self.texts.append((com["id"], inner["body"]))
            self.receipt([com["id"]], "delivered")
        elif inner["type"] == "receipt":
            for message_id in inner["ids"]:
                self.receipts.setdefault(message_id, []).append(inner["status"])
        elif inner["type"].startswith("file-") and self.knows_files:
            check(inner["id"] == com["id"])
            self.steps.append(inner)
            if self.confirms_steps:
                self.receipt([com["id"]], "delivered")
        elif inner["type"] == "ping":
            check(inner["id"] == com["id"])
            self.client.counter += 1
            self.send_sealed("p%d" % self.client.counter, fill({"type": "pong", "id": inner["id"]}))
        elif inner["type"] == "pong":
            self.pongs.append(inner["id"])
        else:
            self.receipt([com["id"]], "unsupported")

    def receipt(self, ids, status):
        self.client.counter += 1
        self.send_sealed("r%d" % self.client.counter, fill({"type": "receipt", "ids": ids, "status": status}))


class Client:
    """A client. Single-threaded: what comes is taken in until()."""

    def __init__(self, address, name, identity, suites=None, timeout=60, pinned=None):
        self.name, self.identity, self.suites, self.timeout = name, identity, suites, timeout
        self.peers, self.lists, self.pongs, self.bye, self.ended, self.counter = {}, [], [], None, False, 0
        self.pings, self.answers_pings = 0, True
        host, port = address.rsplit(":", 1)
        self.lines = Lines(socket.create_connection((host, int(port)), timeout))
        self._connect(pinned)

    def _plain(self):
        line = self.lines.read(self.timeout)
        if line is None:
            raise Cut
        message = parse(line)
        if message.get("type") == "error":
            check_error(message)
            raise Refused(message["code"])
        return line

    def _connect(self, pinned):
        handshake = Handshake(self.identity, {"name": self.name}, self.suites)
        self.lines.write(handshake.phase1())
        answer = handshake.phase3(m2 := self._plain())
        self.server = name_member(parse(m2), "name")
        self.fingerprint = fingerprint(handshake.peer_key)
        check(pinned in (None, self.fingerprint), "denied")
        self.lines.write(answer)
        self.lines.limit = LINE_SESSION
        self.suite = handshake.suite
        keys = handshake.keys
        self.sending, self.receiving = Direction(self.suite, *keys[0:2]), Direction(self.suite, *keys[2:4])
        message = handshake.finish(self.receiving.open(parse(self._plain())))
        check(name_member(message, "name") == self.server)
        self.id = member(message, "id", int, not_negative)

    def peer(self, name):
        return self.peers.setdefault(name.lower(), Peer(self, name))

    def send_raw(self, payload):
        self.lines.write(self.sending.seal(payload))

    def send(self, message):
        self.send_raw(build(message))

    def until(self, condition):
        """Takes what comes until the condition holds; a socket.timeout if it never does."""
        deadline = time.monotonic() + self.timeout
        while not condition():
            self._step(deadline - time.monotonic())

    def _step(self, timeout):
        line = self.lines.read(max(0, timeout))
        if line is None:
            check(not self.ended)
            self.ended = True
            if self.bye is None:
                raise Cut
            return
        check(self.bye is None)
        message = parse(line)
        if message.get("type") == "error":
            check_error(message)
            raise Refused(message["code"])
        raw = self.receiving.open(message)
        self._take(parse(raw), raw)

    def _take(self, message, raw):
        kind = member(message, "type", str)
        if kind == "list":
            member(message, "more", bool)
            for user in member(message, "data", list, lambda value: len(value) <= 256):
                check(isinstance(user, dict))
                name_member(user, "name")
                member(user, "key", str)
                member(user, "id", int, not_negative)
                member(user, "since", int, not_negative)
            self.lists.append(message)
        elif kind == "ping":
            answer = optional(message, "id", str, text_of(64))
            self.pings += 1
            if self.answers_pings:
                self.send({"type": "pong"} if answer is None else {"type": "pong", "id": answer})
        elif kind == "pong":
            self.pongs.append(optional(message, "id", str, text_of(64)))
        elif kind == "bye":
            self.bye = optional(message, "reason", str, text_of(64)) or ""
        elif kind == "error":
            check_error(message)
            if "dst" in message:
                self.peer(message["dst"]).errors.append((message["code"], message.get("id")))
        else:
            check_route(message, from_server=True)
            check("dst" not in message or same_name(message["dst"], self.name))
            self.peer(message["src"]).take(message, raw)

    def users(self):
        """All connected users."""
        users, after = [], {}
        while True:
            before = len(self.lists)
            self.send({"type": "list", **after})
            self.until(lambda: len(self.lists) > before)
            users += self.lists[-1]["data"]
            if not self.lists[-1]["more"]:
                return users
            after = {"after": users[-1]["name"]}

    def leave(self):
        """Says bye and waits for the server's and the end."""
        self.send({"type": "bye"})
        self.until(lambda: self.ended)
        self.lines.close()
