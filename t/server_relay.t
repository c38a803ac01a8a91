#!/usr/bin/env python3
"""The relay: what goes on byte for byte, what is refused and how, who is told of a leave, what the log has."""

import json
import os
import select
import signal
import time

from harness import *
from wire import *


def test_forward(server):
    adam, eve = Peer(server, "Adam").handshake(), Peer(server, "Eve").handshake()
    odd = ('{ "dst" : "eVE" ,"x":[1,{"y":"\\u00e5\u00e9"}],  "type":"client-com","src":"ADAM" ,"n":-5,'
           '"id":"weird", "data":null }').encode()
    adam.send(odd)
    is_(eve.receive_bytes(), odd, "a payload arrives byte for byte, and names are without case")
    for kind in ("client-connect", "client-disconnect"):
        message = {"type": kind, "phase": 1, "src": "Adam", "dst": "Eve", "any": [True, None]}
        adam.send(message)
        is_(eve.receive(), message, "so does a %s" % kind)
    adam.send(*[adam.com("Eve", number) for number in range(500)])
    is_([eve.receive("client-com")["id"] for _ in range(500)], ["m%d" % number for number in range(500)],
        "500 messages arrive in order")
    ok(adam.is_quiet(), "and the sender hears nothing")
    adam.send(adam.com("Adam"))
    is_(adam.receive("client-com")["dst"], "Adam", "one may write to oneself")
    largest = adam.com("Eve")
    largest["fill"] = ""
    largest["fill"] = "a" * (49055 - len(dump(largest)))
    adam.send(largest)
    is_(len(eve.receive_bytes()), 49055, "the largest payload goes through")
    adam.bye()
    eve.receive("client-disconnect")
    eve.bye()


def test_refuse(server):
    adam, eve = Peer(server, "Adam").handshake(), Peer(server, "Eve").handshake()
    adam.send(adam.com("Nobody", 7))
    error = adam.receive("error")
    is_((error["code"], error["id"], error["dst"]), ("no-such-user", "m7", "Nobody"), "an unknown name")
    ok(isinstance(error["text"], str), "with a text")
    adam.send({"type": "client-connect", "phase": 1, "src": "Adam", "dst": "Nobody"})
    error = adam.receive("error")
    is_((error["code"], error.get("id"), error["dst"]), ("no-such-user", None, "Nobody"), "without an id there is none")
    adam.settled()
    reached("the session goes on")
    for members, name in (({"dst": None}, "no destination"), ({"dst": ""}, "an empty destination"),
                          ({"dst": "Eve\x1b"}, "a destination that is no name"), ({"src": None}, "no source"),
                          ({"src": "Eve"}, "another's name as source"), ({"src": "Nobody"}, "nobody's name as source")):
        mallory = Peer(server, "Mallory").handshake()
        message = dict(mallory.com("Eve"), **members)
        mallory.send({key: value for key, value in message.items() if value is not None})
        ok(mallory.error_code() in ("bad-message", "bad-name"), name + " ends the session with a plain error")
        mallory.close()
    eve.settled()
    reached("and nothing of it reached anybody")
    adam.bye()
    eve.bye()


def test_list(server):
    names = ["U%03d" % number for number in range(300)]
    peers = [Peer(server, name, key="eve").handshake() for name in names]
    last = peers[-1]
    last.send({"type": "list"})
    first = last.receive("list")
    is_([user["name"] for user in first["data"]], names[:256], "256 users at a time, by name")
    is_(first["more"], True, "and there are more")
    last.send({"type": "list", "after": "u255"})
    second = last.receive("list")
    is_([user["name"] for user in second["data"]], names[256:], "the rest comes after the last")
    is_(second["more"], False, "and that is all")
    user = second["data"][-1]
    is_((user["id"], user["key"]), (last.id, last.identity.fingerprint), "with session and key")
    ok(abs(user["since"] - time.time()) < 3600, "and the time")
    last.send({"type": "list", "after": "U299"}, {"type": "list", "after": "zz"}, {"type": "list", "after": "A"})
    is_([len(last.receive("list")["data"]) for _ in range(3)], [0, 0, 256], "after the last is nothing")
    last.send({"type": "list", "after": 1})
    is_(last.error_code(), "bad-message", "after what is no name is an error")
    for peer in peers[:-1]:
        peer.bye()


def acquainted(server):
    adam, eve, mallory = (Peer(server, name).handshake() for name in ("Adam", "Eve", "Mallory"))
    adam.send(adam.connect_to("Eve"), adam.com("Mallory"))
    eve.receive("client-connect")
    mallory.receive("client-com")
    return adam, eve, mallory


def test_leave(server):
    def notice(reason):
        return {"type": "client-disconnect", "src": "Adam", "dst": "Eve", "reason": reason}

    def way(reason, name, leave):
        adam, eve, mallory = acquainted(server)
        leave(adam)
        is_(eve.receive(), notice(reason), "%s: who exchanged client-connect is told \"%s\"" % (name, reason))
        eve.send(eve.com("Adam"))
        is_(eve.receive("error")["code"], "no-such-user", "and the name is gone")
        mallory.settled()
        eve.settled()
        reached("and nobody else is told, nor twice")
        for peer in (adam, eve, mallory):
            peer.close()

    way("left", "bye", lambda adam: adam.bye())
    way("lost", "end of stream without bye", lambda adam: adam.close())
    way("lost", "half a line", lambda adam: (adam.send_bytes(b'{"type":'), adam.close()))
    way("lost", "a reset", lambda adam: adam.reset())
    way("lost", "garbage", lambda adam: adam.send_line(b"garbage"))
    way("left", "bye and nothing read", lambda adam: adam.send({"type": "bye"}))

    # The one who only was offered a client-connect leaves.
    adam, eve, mallory = acquainted(server)
    eve.bye()
    is_(adam.receive("client-disconnect")["src"], "Eve", "the one who offered is told as well")
    # Payloads behind a bye are not taken.
    adam.send({"type": "bye"}, adam.com("Mallory"))
    is_(adam.receive(), {"type": "bye"}, "a bye is answered")
    adam.ended()
    mallory.settled()
    reached("and what comes behind it is not relayed")
    adam.close()
    mallory.bye()


def test_queue(server):
    """One who does not read."""
    adam, eve = Peer(server, "Adam").handshake(), Peer(server, "Eve", receive_buffer=4096).handshake()
    mallory = Peer(server, "Mallory").handshake()
    sent, refused = 0, []
    big = "a" * 30000
    while not refused and sent < 2000:
        adam.send(*[dict(adam.com("Eve", sent + number), fill=big) for number in range(10)])
        sent += 10
        adam.send({"type": "ping", "id": "s%d" % sent})
        while True:
            message = adam.receive()
            if message["type"] == "pong":
                break
            refused.append(message)
    ok(refused, "the queue of one who does not read fills")
    is_({message["code"] for message in refused}, {"queue-full"}, "and the sender is told")
    ok(all(message["dst"] == "Eve" and message["id"] for message in refused), "for which message")
    mallory.send(mallory.com("Adam"))
    adam.receive("client-com")
    reached("all the while others talk")
    lost = {message["id"] for message in refused}
    expected = [name for name in ("m%d" % number for number in range(sent)) if name not in lost]
    got = [eve.receive("client-com")["id"] for _ in expected]
    is_(got, expected, "when it reads again, all that was not refused is there, in order")
    adam.send(adam.com("Eve", 99999))
    is_(eve.receive("client-com")["id"], "m99999", "and it goes on")
    for peer in (adam, eve, mallory):
        peer.bye()


def test_pressure(server):
    """One who asks and does not read the answers is not listened to, and loses none of them."""
    eve = Peer(server, "Eve", receive_buffer=4096).handshake()
    witness = Peer(server, "Adam").handshake()
    requests, batch = 0, b""
    eve.socket.setblocking(False)
    while True:
        if not batch:
            batch = b"".join(eve.seal({"type": "ping", "id": "%064d" % (requests + number)}) + b"\n"
                             for number in range(100))
            requests += 100
        try:
            batch = batch[eve.socket.send(batch):]
        except BlockingIOError:
            break
    witness.settled()
    reached("one who does not read its answers does not disturb others")
    answered, rest = 0, memoryview(batch)
    while answered < requests:
        if rest:
            try:
                eve.socket.setblocking(False)
                rest = rest[eve.socket.send(rest):]
            except BlockingIOError:
                pass
        if eve.receive("pong")["id"] != "%064d" % answered:
            break
        answered += 1
    is_(answered, requests, "in the end each request has its answer, in order")
    eve.bye()
    witness.bye()


def test_log():
    """What an operator sees, and does not."""
    server = Server("--debug")
    adam, eve = Peer(server, "Adam").handshake(), Peer(server, "Eve").handshake()
    secret = "c0ffee" * 20
    message = adam.com("Eve", 1)
    message["data"]["payload"] = b64(os.urandom(600)) + b64(secret.encode())
    adam.send(adam.connect_to("Eve"), message)
    eve.receive("client-connect")
    eve.receive("client-com")
    adam.send({"type": "list"}, {"type": "client-com", "src": "Adam", "dst": "Eve", "id": "\x1b[2J\u202e"})
    adam.receive("list")
    eve.receive("client-com")
    with Wire(server) as wire:
        wire.send_line({"type": "error", "code": "x\x1b[2J", "text": "first\nsecond \u202e\x1b]0;title\x07"})
        wire.ended()
    adam.bye()
    eve.receive("client-disconnect")
    eve.bye()
    server.stop()
    log = server.err.text()
    record = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warning|info|debug) (\[\d+\] )?[^\x00-\x1f\x7f]+"
    import re
    wrong = [line for line in log.splitlines() if not re.fullmatch(record, line)]
    is_(wrong, [], "each record is a line with time, level, and client")
    like(log, r"debug \[1\] client-com to \[2\] Eve, \d+ bytes$", "--debug has each message's type and size")
    like(log, r"debug \[1\] all the relay sees: \{\"type\":\"client-com\",\"src\":\"Adam\",\"dst\":\"Eve\"",
         "and what the relay sees of it")
    unlike(log, re.escape(b64(secret.encode())[:40]), "cut short")
    unlike(log, "[\x1b\x07\u202e]", "nothing of a peer's is raw")
    for peer in (adam, eve):
        for encoded in [key.hex() for pair in peer.keys.values() for key in pair] + [
                b64(key) for pair in peer.keys.values() for key in pair] + [b64(peer.secret), peer.secret.hex()]:
            if encoded in log:
                ok(False, "a key is in the log")
    ok("PRIVATE" not in log, "no key is in the log")
    is_(server.out.text().count("\n"), 1, "stdout has the address and nothing else")

    server = Server()
    adam, eve = Peer(server, "Adam").handshake(), Peer(server, "Eve").handshake()
    adam.send(adam.com("Eve"))
    eve.receive("client-com")
    server.stop()
    unlike(server.err.text(), r"client-com|debug", "without --debug messages leave no trace")


def test_silence():
    server = Server("--ping-after", str(scaled(1)))
    adam, eve = Peer(server, "Adam").handshake(), Peer(server, "Eve").handshake()
    eve.send(eve.connect_to("Adam"))
    adam.receive("client-connect")
    pings = 0
    message = eve.receive()
    while message["type"] == "ping":
        eve.send({"type": "pong"})
        pings += 1
        message = eve.receive()
    ok(pings > 0, "a client that is silent is asked, and one that answers stays")
    is_(adam.receive("ping")["type"], "ping", "one that does not answer is asked once")
    adam.ended()
    reached("and dropped")
    is_((message["type"], message["src"], message["reason"]), ("client-disconnect", "Adam", "lost"),
        "and its peers are told")
    eve.bye()


def test_stopped():
    """A server that was stopped for so long that everybody seems to be gone asks all the same, and waits."""
    server = Server("--ping-after", str(scaled(1)))
    adam = Peer(server, "Adam").handshake()
    server.signal(signal.SIGSTOP)
    select.select([], [], [], scaled(2))
    server.signal(signal.SIGCONT)
    adam.receive("ping")
    adam.send({"type": "pong"})
    ok(adam.settled(), "a client stays that answers a server that was stopped")
    is_(server.stop(), 0, "which ends as it should")


def main():
    require_cryptography()
    server = Server(*LIFTED)
    test_forward(server)
    test_refuse(server)
    test_list(server)
    test_leave(server)
    test_queue(server)
    test_pressure(server)
    test_log()
    test_silence()
    test_stopped()
    is_(server.stop(), 0, "the server ends as it should")


run(main)
