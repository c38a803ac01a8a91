"""A relay, written from chatsecure-protocol(7)."""

import socket
import threading
import time

from interop import *


class Session:
    def __init__(self, number, sock):
        self.number, self.lines = number, Lines(sock)
        self.name = self.key = self.sending = self.receiving = None
        self.met = set()      # names with which it exchanged client-connect
        self.departure = "lost"
        self.ended = False
        self.lock = threading.Lock()

    def push(self, payload):
        with self.lock:
            if not self.ended:
                self.lines.write(self.sending.seal(payload))

    def finish(self, line=None):
        """Sends the last line and closes this direction."""
        with self.lock:
            if not self.ended:
                self.ended = True
                try:
                    if line is not None:
                        self.lines.write(line)
                    elif self.sending is not None:
                        self.lines.write(self.sending.seal(build({"type": "bye"})))
                    self.lines.sock.shutdown(socket.SHUT_WR)
                except OSError:
                    pass


class Relay:
    """A relay on a free port of the loopback interface, a thread a connection."""

    PAGE = 256

    def __init__(self, identity, name="interop.relay", suites=None, timeout=60):
        self.identity, self.name, self.suites, self.timeout = identity, name, suites, timeout
        self.fingerprint = fingerprint(identity.public_key())
        self.sessions, self.owners, self.violations, self.departures = {}, {}, [], []
        self.relayed = []                      # (type, src, dst, bytes) of each payload relayed
        self.refuse = lambda message: None     # the code with which to refuse a payload
        self.changed = threading.Condition()
        self.count = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    def close(self):
        """Says bye to all and waits until the last has gone."""
        self.socket.shutdown(socket.SHUT_RDWR)
        for session in list(self.sessions.values()):
            session.finish()
        for thread in self.threads:
            thread.join(self.timeout)
        self.socket.close()

    def wait(self, condition):
        with self.changed:
            return self.changed.wait_for(condition, self.timeout)

    def _accept(self):
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            self.count += 1
            thread = threading.Thread(target=self._serve, args=(Session(self.count, sock),), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _serve(self, session):
        try:
            self._handshake(session)
            while self._take(session):
                pass
        except Refused as refused:
            self.violations.append("%s gives up: %s" % (session.name, refused))
        except Cut:
            self.violations.append("%s was cut" % session.name)
        except (Violation, OSError) as why:
            self.violations.append("%s: %r" % (session.name, why))
            word = str(why) if isinstance(why, Violation) else "timeout"
            session.finish(build({"type": "error", "code": word, "text": "refused"}))
        finally:
            session.finish()
            self._depart(session)
            session.lines.close()

    def _line(self, session):
        line = session.lines.read(self.timeout)
        if line is None:
            raise Cut
        message = parse(line)
        if message.get("type") == "error":
            check_error(message)
            raise Refused(message["code"])
        return line, message

    def _handshake(self, session):
        handshake = Handshake(self.identity, {"name": self.name}, self.suites)
        line, message = self._line(session)
        answer = handshake.phase2(line)
        name = name_member(message, "name")
        key = fingerprint(handshake.peer_key)
        check(self.owners.get(name.lower(), key) == key, "name-taken")
        session.lines.write(answer)
        payload = handshake.phase4(self._line(session)[0], id=session.number)
        session.lines.limit = LINE_SESSION
        keys = handshake.keys
        session.receiving = Direction(handshake.suite, *keys[0:2])
        session.sending = Direction(handshake.suite, *keys[2:4])
        session.name, session.key, session.since = name, key, int(time.time())
        # Whoever has phase 4 can be reached, and nothing of others comes before it.
        with session.lock:
            with self.changed:
                check(self.owners.setdefault(name.lower(), key) == key and name.lower() not in self.sessions,
                      "name-taken")
                self.sessions[name.lower()] = session
                self.changed.notify_all()
            session.lines.write(session.sending.seal(payload))

    def _take(self, session):
        """One line of a session. False: it was bye."""
        raw = session.receiving.open(self._line(session)[1])
        message = parse(raw)
        kind = member(message, "type", str)
        if kind == "bye":
            optional(message, "reason", str, text_of(64))
            session.departure = "left"
            session.finish()
            check(session.lines.read(self.timeout) is None)
            return False
        if kind == "list":
            self._list(session, name_member(message, "after").lower() if "after" in message else "")
        elif kind == "ping":
            answer = optional(message, "id", str, text_of(64))
            session.push(build({"type": "pong"} if answer is None else {"type": "pong", "id": answer}))
        elif kind != "pong":
            self._relay(session, message, raw)
        return True

    def _list(self, session, after):
        with self.changed:
            users = sorted((name, user) for name, user in self.sessions.items() if name > after)
        data = [{"name": user.name, "id": user.number, "key": user.key, "since": user.since}
                for _, user in users[:self.PAGE]]
        session.push(build({"type": "list", "data": data, "more": len(users) > self.PAGE}))

    def _relay(self, session, message, raw):
        check_route(message)
        check(same_name(message["src"], session.name))
        with self.changed:
            target = self.sessions.get(message["dst"].lower())
            if target and message["type"] == "client-connect":
                session.met.add(target)
                target.met.add(session)
            code = self.refuse(message) or (None if target else "no-such-user")
            if code is None:
                self.relayed.append((message["type"], message["src"], message["dst"], raw))
            self.changed.notify_all()
        if code is None:
            target.push(raw)
            return
        more = {"id": message["id"]} if isinstance(message.get("id"), str) else {}
        session.push(build({"type": "error", "code": code, "text": "not relayed", **more, "dst": message["dst"]}))

    def _depart(self, session):
        with self.changed:
            if session.name is None or self.sessions.get(session.name.lower()) is not session:
                return
            del self.sessions[session.name.lower()]
            self.departures.append((session.name, session.departure))
            others = [other for other in session.met if other in self.sessions.values()]
            self.changed.notify_all()
        for other in others:
            other.push(build({"type": "client-disconnect", "src": session.name, "reason": session.departure}))
