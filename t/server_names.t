#!/usr/bin/env python3
"""Names: unique without case, bound to a key, taken over by the same key."""

import threading

from harness import *
from wire import *


def test_taken(server):
    adam = Peer(server, "Adam", key="adam").handshake()
    is_(Peer(server, "Adam", key="mallory").refused(), "name-taken", "a name in use is refused to another key")
    is_(Peer(server, "aDAM", key="mallory").refused(), "name-taken", "whatever its case")
    ok(adam.is_quiet(), "the one who has it hears nothing of it")
    adam.settled()
    reached("and is not disturbed")
    adam.send({"type": "list"})
    users = adam.receive("list")["data"]
    is_([(user["name"], user["key"]) for user in users], [("Adam", adam.identity.fingerprint)], "nor displaced")

    # Without the key's proof nothing happens to him either.
    mallory = Peer(server, "Adam", key="adam")
    mallory.send_line(mallory.phase1())
    mallory.take_phase2(mallory.line())
    mallory.send_line(mallory.phase3(wrong_confirm=True))
    is_(mallory.error_code(), "bad-handshake", "one who only shows his key fails")
    adam.settled()
    reached("and that does not disturb him")
    adam.bye()

    is_(Peer(server, "Adam", key="mallory").refused(), "name-taken", "the name is remembered when he has left")
    adam = Peer(server, "ADAM", key="adam").handshake()
    adam.send({"type": "list"})
    is_([user["name"] for user in adam.receive("list")["data"]], ["ADAM"], "he comes back, spelt as he likes")
    adam.bye()
    two = Peer(server, "Adam2", key="adam").handshake()
    reached("one key may have two names")
    two.bye()


def test_takeover(server):
    first = Peer(server, "Adam").handshake()
    eve = Peer(server, "Eve").handshake()
    mallory = Peer(server, "Mallory").handshake()
    first.send(first.connect_to("Eve"))
    eve.receive("client-connect")
    second = Peer(server, "adam", key="adam").handshake()
    ok(second.id != first.id, "the newcomer with the same key has a session of its own")
    is_(first.receive("bye"), {"type": "bye", "reason": "replaced"}, "the old one gets a bye")
    first.ended()
    reached("and its connection ends")
    is_(eve.receive(), {"type": "client-disconnect", "src": "Adam", "dst": "Eve", "reason": "replaced"},
        "who talked to it is told")
    mallory.settled()
    reached("who did not is not")
    eve.send(eve.com("Adam", 1))
    is_(second.receive("client-com")["id"], "m1", "messages reach the newcomer")
    second.send(second.com("Eve", 2))
    is_(eve.receive("client-com")["id"], "m2", "and come from it")
    # What the newcomer sends first is never overtaken by the notice about the old one.
    for number in range(20):
        third = Peer(server, "Adam")
        second.send(second.connect_to("Eve"))
        eve.receive("client-connect")
        third.handshake()
        third.send(third.connect_to("Eve"))
        seen = [eve.receive()["type"], eve.receive()["type"]]
        if seen != ["client-disconnect", "client-connect"]:
            is_(seen, ["client-disconnect", "client-connect"], "takeover %d" % number)
        second.close()
        second = third
    reached("the notice about the old one is before the newcomer's first message")
    for peer in (eve, mallory, second):
        peer.close()


def test_race(server):
    """Many at once for one name: the first key has it, and in the end one session."""
    results = []

    def attempt(key):
        peer = Peer(server, "Highlander", key=key)
        try:
            peer.handshake()
            results.append((key, peer))
        except Closed as refusal:
            results.append((key, str(refusal)))

    threads = [threading.Thread(target=attempt, args=(key,)) for key in ("adam", "eve", "mallory", "relay") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = {key for key, result in results if isinstance(result, Peer)}
    is_(len(winners), 1, "one key gets the name")
    is_({result for key, result in results if key not in winners}, {"name-taken"}, "the others are told so")
    peers = [result for _, result in results if isinstance(result, Peer)]
    last = max(peers, key=lambda peer: peer.id)
    last = Peer(server, "Highlander", key=winners.pop()).handshake()
    for peer in peers:
        message = peer.receive("bye")
        if message.get("reason") != "replaced":
            is_(message, {"type": "bye", "reason": "replaced"}, "a session that was replaced")
        peer.ended()
    reached("of that key's sessions all but the last are replaced")
    last.send({"type": "list"})
    is_(len(last.receive("list")["data"]), 1, "and the list has it once")
    last.bye()


def test_takeover_is_seamless(server):
    """While one key takes its name over again and again, there is always somebody of that name."""
    sender = Peer(server, "Sender", key="eve").handshake()
    holders = [Peer(server, "Roamer", key="adam").handshake()]
    done = threading.Event()

    def take_over():
        try:
            for _ in range(30):
                holders.append(Peer(server, "Roamer", key="adam").handshake())
        finally:
            done.set()

    thread = threading.Thread(target=take_over, daemon=True)
    thread.start()
    sent = 0
    while not done.is_set():
        sender.send(*[sender.com("Roamer", number) for number in range(sent, sent + 20)])
        sender.send({"type": "ping"})
        sent += 20
        while True:
            answer = sender.receive()
            if answer["type"] == "pong":
                break
            if answer["type"] == "error" and answer["code"] == "no-such-user":
                ok(False, "a takeover leaves no moment without anybody of the name")
                return
    thread.join()
    is_(len(holders), 31, "thirty takeovers while %d messages went to the name, and none found nobody" % sent)
    for peer in holders + [sender]:
        peer.close()


def main():
    require_cryptography()
    server = Server(*LIFTED)
    test_taken(server)
    test_takeover(server)
    test_race(server)
    test_takeover_is_seamless(server)


run(main)
