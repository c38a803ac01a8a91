#!/usr/bin/env python3
"""An implementation written from chatsecure-protocol(7) alone holds against the known answers, against the server as a
client, and against two clients as a relay."""

import contextlib
import json
import os
import signal
import socket

from harness import *

with contextlib.suppress(ImportError):
    import interop
    import interop_client
    import interop_relay

AES_128 = "RSA-OAEP-SHA256_AES-128-CBC_HMAC-SHA256"


def identity(name):
    return interop.load_identity(key(name))


def fingerprint_of(name):
    return interop.fingerprint(identity(name).public_key())


@contextlib.contextmanager
def part(name):
    """What goes wrong here is one failed test, and the other parts run all the same."""
    try:
        yield
    except (Failure, interop.Violation, interop.Refused, interop.Cut, OSError) as why:
        ok(False, "%s: %s %s" % (name, type(why).__name__, why))


# The known answers.


def given_pair(text):
    return interop.X25519PrivateKey.from_private_bytes(bytes.fromhex(text))


def vector_schedule(name, vector):
    phases = [json.loads(vector["phase%d" % number]) for number in (1, 2, 3, 4)]
    m1, m2 = (vector["phase%d" % number].encode() for number in (1, 2))
    secrets = {}
    for role, sender in (("initiator", phases[1]), ("responder", phases[2])):
        private = interop.serialization.load_pem_private_key(vector[role]["identity"].encode(), None)
        other = "responder" if role == "initiator" else "initiator"
        secrets[other] = private.decrypt(interop.unb64(sender["data"]["secret"]), interop.oaep(vector["kind"]))
        is_(interop.fingerprint(private.public_key()), vector[role]["fingerprint"],
            "%s: fingerprint of the %s" % (name, role))
        is_(secrets[other].hex(), vector[other]["secret"], "%s: secret of the %s" % (name, other))
    shared = interop.x25519(given_pair(vector["initiator"]["dh"]), interop.unb64(phases[1]["data"]["dh"]))
    d3 = interop.unb64(phases[2]["data"].get("dh", ""))
    th, keys = interop.schedule(vector["kind"], m1, m2, vector["suite"], interop.unb64(phases[2]["data"]["secret"]), d3,
                                secrets["initiator"] + secrets["responder"], shared)
    is_(th.hex(), vector["transcript_hash"], name + ": the transcript hash")
    is_([interop.b64(interop.mac(k, th)) for k in keys[-2:]], [phases[n]["data"]["confirm"] for n in (2, 3)],
        name + ": what both confirm")
    return th, keys


def vector_secure(name, vector, keys):
    size = interop.SUITES[vector["suite"]]
    is_([keys[0][:size].hex(), keys[1].hex(), keys[2][:size].hex(), keys[3].hex()],
        [vector["keys"][which] for which in ("enc_I", "mac_I", "enc_R", "mac_R")], name + ": the keys")
    sealing, opening = ({role: interop.Direction(vector["suite"], *keys[at:at + 2])
                         for role, at in (("I", 0), ("R", 2))} for _ in range(2))
    got, opened = [], []
    for message in vector["secure"]:
        got.append(sealing[message["from"]].seal(message["payload"].encode(), bytes.fromhex(message["iv"])).decode())
        opened.append(opening[message["from"]].open(interop.parse(message["line"].encode())).decode())
    is_(got, [message["line"] for message in vector["secure"]], name + ": secure messages, sealed")
    is_(opened, [message["payload"] for message in vector["secure"]], name + ": secure messages, opened")


def vector_ratchet(name, vector, th, root):
    """Both sides, with the pairs that the vectors have; a message may be opened after the next one."""
    pairs = {"I": [], "R": [vector["responder"]["ratchet"]]}
    for message in vector["messages"]:
        if message["new_ratchet"]:
            pairs["I" if message["from"] == "R" else "R"].append(message["new_ratchet"])
    first = interop.unb64(json.loads(vector["phase3"])["data"]["dh"])
    answer = interop.unb64(json.loads(vector["phase2"])["data"]["dh"])
    sides = {}
    for side, own, peer in (("I", vector["initiator"]["ratchet"], answer), ("R", vector["responder"]["dh"], first)):
        sides[side] = interop.Ratchet(vector["suite"], th, root, given_pair(own), peer, side == "I",
                                      lambda side=side: given_pair(pairs[side].pop(0)))
    got, opened, late = [], [], None
    for message in vector["messages"]:
        data = sides[message["from"]].seal(interop.fill(json.loads(message["inner"])))
        got.append(data)
        receiver = sides["I" if message["from"] == "R" else "R"]
        if message.get("opened_after_next"):
            late = data
            continue
        opened.append(receiver.open(data).decode().rstrip(" "))
        if late:
            opened.insert(-1, receiver.open(late).decode().rstrip(" "))
            late = None
    is_(got, [message["data"] for message in vector["messages"]], name + ": ratchet messages, sealed")
    is_(opened, [message["inner"] for message in vector["messages"]], name + ": ratchet messages, opened")


def known_answers():
    with open(os.path.join(HERE, "vectors/protocol-1.json"), encoding="utf-8") as file:
        vectors = json.load(file)["handshakes"]
    for vector in vectors:
        name = "%s with %s" % (vector["kind"], "AES-128" if vector["suite"] == AES_128 else "AES-256")
        th, keys = vector_schedule(name, vector)
        if vector["kind"] == "connect":
            vector_secure(name, vector, keys)
        else:
            is_(keys[0].hex(), vector["root"], name + ": the root key")
            vector_ratchet(name, vector, th, keys[0])


# The server, with this client.


def connect(server, name, key_name="mallory", **options):
    return interop_client.Client(server.address, name, identity(key_name), pinned=server.fingerprint, **options)


def bodies(peer):
    return [body for _, body in peer.texts]


def shown(client):
    """The messages on a client's stdout without their time."""
    return [line.split("] ", 1)[1] for line in client.out.lines()]


def registered(server, name):
    server.err.expect(r"\b%s is connected" % name)


def this_client_begins(server, ines):
    client = Client(server, "Eve", "--receive")
    registered(server, "Eve")
    is_([(user["name"], user["key"]) for user in ines.users()],
        [("Eve", fingerprint_of("eve")), ("Ines", fingerprint_of("mallory"))], "list: both, by name, with their keys")
    eve = ines.peer("Eve")
    eve.text("one", "m1")
    eve.begin()
    ines.until(lambda: "m1" in eve.receipts)
    is_((eve.receipts["m1"], eve.key), (["delivered"], fingerprint_of("eve")), "a text is delivered, to Eve's key")

    eve.send_sealed("m1", eve.sent["m1"])
    ines.until(lambda: len(eve.receipts["m1"]) == 2)
    is_(eve.receipts["m1"], ["delivered"] * 2, "a text that comes again has its receipt again")

    for message_id, body in (("m2", "two"), ("m3", "three")):
        eve.sent[message_id] = interop.fill({"type": "text", "id": message_id, "time": 0, "body": body})
    for message in reversed([eve.sealed(message_id, eve.sent[message_id]) for message_id in ("m2", "m3")]):
        ines.send(message)
    ines.until(lambda: "m2" in eve.receipts and "m3" in eve.receipts)
    reached("messages may overtake each other")

    eve.send_sealed("m4", interop.fill({"type": "interop", "future": [1, {"two": None}]}))
    ines.until(lambda: "m4" in eve.receipts)
    is_(eve.receipts["m4"], ["unsupported"], "an inner message of an unknown type is unsupported")

    eve.send_sealed("ping1", interop.fill({"type": "ping", "id": "ping1"}))
    ines.until(lambda: eve.pongs)
    is_((eve.pongs, eve.receipts.get("ping1")), (["ping1"], None), "a ping is answered, and has no receipt")

    other = dict(eve.sealed("m5", interop.fill({"type": "text", "id": "m5", "time": 0, "body": "never shown"})))
    other["data"]["session"] = interop.b64(b"\0" * 12)
    ines.send(other)
    ines.until(lambda: eve.reasons)
    is_(eve.reasons, ["bad-session"], "a message for an unknown session is answered by bad-session")
    eve.text("four \u00fc \U0001f512 \"\\\t", "m6")
    eve.begin()
    ines.until(lambda: "m6" in eve.receipts)
    is_(eve.sessions, 2, "a new session is made, and what waited goes out in it")

    client.send("Ines: and back")
    ines.until(lambda: eve.texts)
    is_(bodies(eve), ["and back"], "a text comes back in the same session")
    client.signal(signal.SIGTERM)
    ines.until(lambda: "left" in eve.reasons)
    # The receipt may be too late for her.
    is_([reason for reason in eve.reasons if reason != "bad-session"], ["bye", "left"],
        "Eve says bye, and the server that she left")
    client.wait()
    is_(shown(client)[:3], ["[Ines]: one", "[Ines]: three", "[Ines]: two"], "Eve has shown each text once")


def the_program_begins(server, ines):
    adam = Client(server, "Adam", "--ciphers", "AES-128")
    adam.finish("Ines: one\nInes: two\n")
    peer = ines.peer("Adam")
    ines.until(lambda: "left" in peer.reasons)
    is_((adam.wait(), bodies(peer)), (0, ["one", "two"]), "Adam's texts come in order, and he ends with 0")
    is_(peer.suite, AES_128, "with the suite that Adam wants")


def signed_texts(server, ines):
    eve = Client(server, "Eve", "--receive")
    registered(server, "Eve")
    peer = ines.peer("Eve")
    peer.begin()
    ines.until(lambda: peer.ratchet)
    peer.signed_text("on my word \u00fc\n", "s1")
    ines.until(lambda: "s1" in peer.receipts)
    # Every way in which it may be wrong, and none of it is shown.
    wrong = {"b1": lambda signature: signature[:40] + ("A" if signature[40] != "A" else "B") + signature[41:],
             "b2": lambda signature: signature[:-4], "b3": lambda _: "", "b4": lambda signature: "?" + signature,
             "b5": lambda _: 7, "b6": lambda _: None, "b7": lambda signature: [signature]}
    for message_id, spoil in wrong.items():
        peer.signed_text("never shown", message_id, spoil)
    peer.signed_text("of another time", "b8", lambda _: interop.b64(interop.sign(ines.identity, peer.signed_bytes(
        {"id": "b8", "time": 1, "body": "of another time"}, True))))
    peer.signed_text("back to front", "b9", lambda _: interop.b64(interop.sign(ines.identity, peer.signed_bytes(
        {"id": "b9", "time": 1480000000000, "body": "back to front"}, False))))
    peer.signed_text("still here", "s2")
    ines.until(lambda: "s2" in peer.receipts)
    eve.finish("exit\n")
    ines.until(lambda: "left" in peer.reasons)
    is_(eve.wait(), 0, "what a stranger signs wrongly does not make Eve's status")
    is_(peer.refused, sorted(wrong) + ["b8", "b9"], "each signature that does not hold is answered by bad-signature")
    is_(shown(eve), ["[Ines, signed]: on my word \u00fc\\x0a", "[Ines, signed]: still here"],
        "and only texts whose signatures hold are shown, as signed")
    is_([message_id for message_id in peer.receipts if message_id[0] == "b"], [], "the others have no receipt")
    like(eve.err.text(), r"^chatsecure: what came from Ines failed its checks: a message failed its integrity check$",
         "and are told of")

    adam, peer = Client(server, "Adam"), ines.peer("Adam")
    peer.reasons = []
    adam.finish("Ines: deniable\nsign on\nInes: mine\nInes: mine too\n sign off \nInes: or not\n")
    ines.until(lambda: "left" in peer.reasons)
    is_((adam.wait(), bodies(peer)[-4:]), (0, ["deniable", "mine", "mine too", "or not"]), "texts are signed or not")
    is_([peer.signed.get(message_id) for message_id, _ in peer.texts[-4:]], [None, True, True, None],
        "and the signatures hold for another implementation")
    peer.takes_signatures, peer.reasons, before = False, [], bodies(peer)
    adam = Client(server, "Adam", "--sign")
    adam.finish("Ines: one\nInes: two\n")
    ines.until(lambda: "left" in peer.reasons)
    is_((adam.wait(), bodies(peer)), (13, before), "signatures that are refused make the status")
    like(adam.err.text(), r"^chatsecure: line 2 to Ines: the peer has found its signature wrong$", "and are named")
    peer.takes_signatures = True


def both_begin(server, ines):
    """Two phases 1 cross each other: that of the name that sorts first stands."""
    for name in ("Adam", "Zoe"):
        client, peer = Client(server, name), ines.peer(name)
        peer.answers, peer.reasons, offers, sessions = False, [], peer.offers, peer.sessions
        client.finish("Ines: crossing\n")
        ines.until(lambda: peer.offers > offers)
        peer.begin()
        if name == "Adam":
            peer.answer()
        ines.until(lambda: "left" in peer.reasons)
        is_((client.wait(), bodies(peer)[-1], peer.sessions), (0, "crossing", sessions + 1),
            "both begin at once: %s's text is delivered in one session" % name)


def offers_that_are_given_up(server, ines):
    eve, peer = Client(server, "Eve", "--receive"), ines.peer("Eve")
    registered(server, "Eve")
    peer.ignored, sessions = [], peer.sessions
    for _ in range(3):
        peer.begin()
    ines.until(lambda: peer.sessions > sessions)
    is_(peer.ignored, [2, 2], "of three offers each answer says to which it is, and the last one makes the session")
    eve.kill()

    peer, offers = ines.peer("Adam"), []
    peer.answers, peer.reasons = False, []
    for number in range(3):
        before, adam = peer.offers, Client(server, "Adam", "--debug")
        adam.send("Ines: all the same")
        ines.until(lambda: peer.offers > before)
        offers.append(peer.held)
        if number < 2:
            adam.kill()
    adam.close_stdin()
    peer.disconnect("untrusted", offer=json.loads(offers[0])["id"])
    for peer.held in offers:
        peer.answer()
    ines.until(lambda: "left" in peer.reasons)
    is_((adam.wait(), bodies(peer)[-1]), (0, "all the same"), "Adam was killed twice: answers to him are none now")
    like(adam.err.text(), r"given up: ignored, 3 so far$", "and are counted")

    for name in ("Adam", "Uwe"):
        peer = ines.peer(name)
        peer.names_offers, peer.answers, peer.reasons = False, True, []
        client = Client(server, name, "--receive" if name == "Uwe" else "--debug")
        if name == "Uwe":
            registered(server, name)
            peer.text("unnamed", "u1")
            peer.begin()
            ines.until(lambda: "u1" in peer.receipts)
        client.finish("Ines: unnamed\nexit\n")
        ines.until(lambda: "left" in peer.reasons)
        is_((client.wait(), bodies(peer)[-1]), (0, "unnamed"), "%s goes with one who does not name offers" % name)
        peer.names_offers = True


def what_the_server_says(server, ines):
    nobody = ines.peer("Nobody")
    nobody.begin()
    ines.until(lambda: nobody.errors)
    offer = interop.parse(nobody.initiating.m1)
    is_(nobody.errors, [("no-such-user", offer["id"])], "the server says that nobody has that name")
    ines.send({"type": "ping", "id": "a b"})
    ines.until(lambda: ines.pongs)
    is_(ines.pongs, ["a b"], "a ping is answered with its id")
    again = connect(server, "INES")
    ines.until(lambda: ines.ended)
    is_(ines.bye, "replaced", "who has the same key may take the name over")
    ok(again.id > ines.id, "and gets another number")
    is_([user["name"] for user in again.users()], ["INES"], "and is alone under it")
    return again


def refusal(server, line):
    """The code with which the server refuses a first line."""
    lines = interop.Lines(socket.create_connection((server.host, server.port), DEADLINE))
    lines.write(line)
    answer = interop.parse(lines.read(DEADLINE) or b"{}")
    lines.close()
    return answer.get("code")


def changed(line, **members):
    return interop.build({**interop.parse(line), **members})


def refusals(server):
    offer = interop.Handshake(identity("eve"), {"name": "Olaf"}).phase1()
    for code, line, what in (
            ("bad-version", changed(offer, version=2), "another version"),
            ("bad-name", changed(offer, name="0laf"), "a name that is none"),
            ("name-taken", changed(offer, name="iNES"), "the name of another key"),
            ("no-common-cipher", changed(offer, ciphers=["ROT13"]), "suites that are not known"),
            ("bad-message", offer[:-1] + b',"type":"connect"}', "a member that comes twice"),
            ("bad-message", changed(offer, more=[[[[[[]]]]]]), "seven levels"),
            ("bad-message", changed(offer, more=[0] * 2048), "too many values"),
            ("bad-message", changed(offer, phase=3), "another phase first"),
            ("bad-message", b'{"type":"secure","payload":"","hmac":""}', "a secure message first"),
            ("bad-message", b" " * interop.LINE_HANDSHAKE, "a line that is too long")):
        is_(refusal(server, line), code, "refused with %s: %s" % (code, what))


def refused_proof(server, what, change):
    """The server refuses what change makes of a good phase 3."""
    handshake = interop.Handshake(identity("eve"), {"name": "Olaf"})
    lines = interop.Lines(socket.create_connection((server.host, server.port), DEADLINE))
    lines.write(handshake.phase1())
    proof = interop.parse(handshake.phase3(lines.read(DEADLINE)))
    change(proof)
    lines.write(interop.build(proof))
    answer = interop.parse(lines.read(DEADLINE))
    is_((answer["type"], answer.get("code")), ("error", "bad-handshake"), "refused with bad-handshake: " + what)
    is_(lines.read(DEADLINE), None, "and the connection ends")
    lines.close()


def unusual_spelling(server):
    """All that JSON and the lines leave free."""
    handshake = interop.Handshake(identity("eve"), {"name": "Ulla"})
    offer = handshake.phase1().replace(b'"type"', b'"\\u0074ype"')
    offer = offer.replace(b'"data":', b'"new" : [ {},\tnull ], "data" :')
    handshake.m1 = offer
    lines = interop.Lines(socket.create_connection((server.host, server.port), DEADLINE))
    lines.write(b"\r\n\n\t " + offer + b" \r")
    proof = interop.parse(handshake.phase3(lines.read(DEADLINE)))
    lines.write(json.dumps(dict(reversed(proof.items())), indent=1).replace("\n", " ").encode())
    answer = interop.Direction(handshake.suite, *handshake.keys[2:4]).open(interop.parse(lines.read(DEADLINE)))
    is_(handshake.finish(answer)["type"], "connect", "white space, escapes, order and new members are free")
    lines.close()


def ended(client, what):
    """The server has ended the session without bye: with an error or without a word."""
    with contextlib.suppress(interop.Refused, interop.Cut):
        client.until(lambda: client.ended)
    is_(client.bye, None, "the session ends: " + what)
    client.lines.close()


def sessions_that_end(server):
    client = connect(server, "Olaf")
    message = interop.parse(client.sending.seal(b'{"type":"list"}'))
    message["hmac"] = interop.b64(bytes(32))
    client.lines.write(interop.build(message))
    ended(client, "a wrong MAC")
    client = connect(server, "Olaf")
    line = client.sending.seal(b'{"type":"list"}')
    client.lines.write(line)
    client.lines.write(line)
    ended(client, "a line that comes twice")
    client = connect(server, "Olaf")
    client.send({"type": "client-disconnect", "src": "Ines", "dst": "Olaf"})
    ended(client, "another src than the own name")
    client = connect(server, "Olaf")
    client.send({"type": "text"})
    ended(client, "a payload of an unknown type")


def silence():
    server = Server("--ping-after", str(scaled(1)))
    ines = connect(server, "Ines")
    ines.until(lambda: ines.pings == 2)
    reached("a silent client is asked whether it is there, and its answer counts")
    ines.answers_pings = False
    ended(ines, "no answer to a ping")


def with_the_server():
    server = Server(*LIFTED)
    ines = connect(server, "Ines")
    is_((ines.fingerprint, ines.id > 0), (server.fingerprint, True), "this client is registered")
    for scene in (this_client_begins, the_program_begins, signed_texts, both_begin, offers_that_are_given_up):
        with part(scene.__name__):
            scene(server, ines)
    with part("what the server says"):
        ines = what_the_server_says(server, ines)
    with part("what the server refuses"):
        refusals(server)
        unusual_spelling(server)

        def no_confirm(proof):
            proof["data"]["confirm"] = interop.b64(bytes(32))

        def no_secret(proof):
            proof["data"]["secret"] = interop.b64(bytes(256))

        refused_proof(server, "a wrong confirm", no_confirm)
        refused_proof(server, "a wrong secret", no_secret)
        sessions_that_end(server)
    with part("the end"):
        olaf = connect(server, "Otto", "eve")
        ines.leave()
        is_(ines.bye, "", "bye is answered by bye")
        server.signal(signal.SIGTERM)
        olaf.until(lambda: olaf.ended)
        is_((olaf.bye, server.wait()), ("shutdown", 0), "a server that ends says so")


# Two programs, with this relay.


def relay():
    return interop_relay.Relay(identity("relay"), timeout=DEADLINE)


def start(relay, name, *options, **keywords):
    client = Client(relay.address, name, "--fingerprint", relay.fingerprint, *options, trust=None, **keywords)
    require(relay.wait(lambda: name.lower() in relay.sessions), "%s is registered" % name)
    return client


def is_clean(relay, name):
    relay.close()
    is_(relay.violations, [], name + ": nothing that the page does not allow")


def one_way():
    between = relay()
    eve = start(between, "Eve", "--count", "3")
    adam = start(between, "Adam")
    adam.finish("Eve: one\nEve: two\nEve: three \u00fc\n")
    is_((adam.wait(), eve.wait()), (0, 0), "three texts: Adam and Eve end with 0")
    is_(shown(eve), ["[Adam]: one", "[Adam]: two", "[Adam]: three \u00fc"], "and Eve has shown them")
    require(between.wait(lambda: len(between.departures) == 2), "both leave")
    is_(sorted(between.departures), [("Adam", "left"), ("Eve", "left")], "both say bye")
    is_([interop.parse(raw)["phase"] for kind, _, _, raw in between.relayed if kind == "client-connect"], [1, 2, 3, 4],
        "one handshake")
    sizes = [len(interop.unb64(interop.parse(raw)["data"]["payload"])) for kind, _, _, raw in between.relayed
             if kind == "client-com"]
    is_({size % 128 for size in sizes}, {16}, "the relay sees lengths in steps of 128 bytes")
    ok(not any(b"three" in raw for *_, raw in between.relayed), "and no text")
    is_clean(between, "three texts")


def both_ways():
    """Both begin at once, as near as two programs get to it."""
    between = relay()
    clients = [start(between, name, "--count", "20") for name in ("Adam", "Eve")]
    for client, peer in zip(clients, ("Eve", "Adam")):
        client.finish("".join("%s: %d\n" % (peer, number) for number in range(20)))
    is_([client.wait() for client in clients], [0, 0], "both ways at once: both end with 0")
    for client, peer in zip(clients, ("Eve", "Adam")):
        is_(shown(client), ["[%s]: %d" % (peer, number) for number in range(20)], "all that %s said, in order" % peer)
    is_clean(between, "both ways at once")


def refusing_once(between, wanted):
    """The relay's queue is full for the first transmission of each payload that is wanted."""
    refused = set()

    def refuse(message):
        if not wanted(message) or message["id"] in refused:
            return None
        refused.add(message["id"])
        return "queue-full"

    between.refuse = refuse
    return refused


def a_full_queue():
    between = relay()
    eve = start(between, "Eve", "--count", "2")
    refused = refusing_once(between, lambda message: message["type"] == "client-com" and message["src"] == "Adam")
    adam = start(between, "Adam")
    adam.finish("Eve: one\nEve: two\n")
    is_((adam.wait(), eve.wait()), (0, 0), "a text that the full queue refused is sent again, and both end with 0")
    ok(len(refused) >= 2, "both texts were refused once")
    is_(sorted(shown(eve)), ["[Adam]: one", "[Adam]: two"], "each text is shown once")
    is_clean(between, "a full queue for texts")


def a_full_queue_for_an_offer():
    between = relay()
    eve = start(between, "Eve", "--count", "1")
    offers = []

    def refuse(message):
        if message["type"] != "client-connect" or message["phase"] != 1:
            return None
        offers.append(message["id"])
        return "queue-full" if len(offers) == 1 else None

    between.refuse = refuse
    adam = start(between, "Adam")
    adam.finish("Eve: one\n")
    is_((adam.wait(), eve.wait(), len(offers)), (0, 0, 2), "an offer that the full queue refused is made again")
    is_clean(between, "a full queue for an offer")


def a_full_queue_for_receipts():
    between = relay()
    eve = start(between, "Eve", "--receive")
    refusing_once(between, lambda message: message["type"] == "client-com" and message["src"] == "Eve")
    adam = start(between, "Adam", "--timeout", str(scaled(5)))
    adam.finish("Eve: one\n")
    is_(adam.wait(), 0, "a receipt that the full queue refused is sent again")
    eve.signal(signal.SIGTERM)
    eve.wait()
    is_clean(between, "a full queue for receipts")


def a_peer_that_comes_back():
    between = relay()
    eve = start(between, "Eve", "--receive")
    adam = start(between, "Adam", "--receive")
    adam.send("Eve: one")
    require(between.wait(lambda: any(route[:2] == ("client-com", "Eve") for route in between.relayed)), "the receipt")
    eve.kill()
    require(between.wait(lambda: between.departures), "Eve is gone")
    is_(between.violations, ["Eve was cut"], "a client that is killed is cut")
    between.violations.clear()
    eve = start(between, "Eve", "--count", "1")
    adam.send("Eve: two")
    is_((eve.wait(), shown(eve)), (0, ["[Adam]: two"]), "who comes back gets the next text, in a new session")
    adam.signal(signal.SIGTERM)
    adam.wait()
    unlike(adam.err.text(), r"^chatsecure: (?!new )", "and Adam has nothing to complain of")
    is_clean(between, "a peer that comes back")


def a_list_in_pages():
    between = relay()
    between.PAGE = 1
    eve, adam = start(between, "Eve", "--receive"), start(between, "Adam")
    adam.finish("list\n")
    is_(adam.wait(), 0, "a list in pages is asked for to its end")
    for name in ("Adam", "Eve"):
        like(adam.out.text(), r"\b%s %s" % (name, fingerprint_of(name.lower()).replace("+", r"\+")), "it has " + name)
    eve.signal(signal.SIGTERM)
    eve.wait()
    is_clean(between, "a list in pages")


def a_key_that_is_not_trusted():
    between = relay()
    client = Client(between.address, "Adam", "--fingerprint", fingerprint_of("eve"), trust=None)
    client.finish("Eve: one\n")
    is_(client.wait(), 4, "another key than the pinned one ends the client with 4")
    require(between.wait(lambda: between.violations), "the relay hears of it")
    is_((between.sessions, between.violations), ({}, ["None gives up: denied"]), "and no further phase is sent")
    between.close()


def main():
    require_cryptography()
    known_answers()
    for scene in (with_the_server, silence, one_way, both_ways, a_full_queue, a_full_queue_for_an_offer,
                  a_full_queue_for_receipts, a_peer_that_comes_back, a_list_in_pages, a_key_that_is_not_trusted):
        with part(scene.__name__.replace("_", " ")):
            scene()


run(main)
