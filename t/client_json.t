#!/usr/bin/env python3
"""chatsecure -o json and --status-fd: each event as the table of the manual has it, and nothing else there."""

import json
import os
import re
import select

from harness import *
from fake_server import FakeServer

KINDS = {"string": str, "integer": int, "boolean": bool, "object": dict}


def read_schema():
    """The table of the manual: type -> member -> (kind, optional)."""
    with open(os.path.join(SOURCE, "man/chatsecure.1"), encoding="utf-8") as file:
        section = file.read().split(".Sh JSON")[1].split(".Sh ")[0]
    schema, current = {}, None
    for first, member, optional, kind in re.findall(r"^\.It (\\&|Cm \w+) Ta Cm (\w+)( \?)? Ta (\w+) Ta", section,
                                                    re.MULTILINE):
        if first != r"\&":
            current = schema.setdefault(first[3:], {})
        current[member] = (KINDS[kind], bool(optional))
    return schema


SCHEMA = read_schema()
seen = set()


def wrong(line):
    """What is wrong with an event, or None."""
    try:
        event = json.loads(line)
    except ValueError as error:
        return "no JSON: %s" % error
    if not isinstance(event, dict) or next(iter(event), None) != "type":
        return "no object that begins with its type"
    members = SCHEMA.get(event["type"])
    if members is None:
        return "a type that the manual does not have"
    seen.add(event["type"])
    for name, (kind, optional) in members.items():
        if name not in event and not optional:
            return "no member " + name
        if name in event and type(event[name]) is not kind:
            return "%s is no %s" % (name, kind.__name__)
    unknown = set(event) - set(members) - {"type"}
    return "members that the manual does not have: %s" % unknown if unknown else None


def events(text, name):
    """The events of TEXT, after a test that each is as the manual says."""
    faults = ["%s: %s" % (wrong(line), line) for line in text.splitlines() if wrong(line)]
    if not ok(not faults and (text == "" or text.endswith("\n")), name + ": each line is an event of the manual"):
        diag("\n".join(faults))
    return [json.loads(line) for line in text.splitlines()]


def states(found, to=None):
    return [event["state"] for event in found if event["type"] == "status" and event.get("to") == to]


def of_type(found, name):
    return [event for event in found if event["type"] == name]


def receiver(server, name, *options, **keywords):
    client = Client(server, name, "--receive", *options, **keywords)
    client.err.expect(r"new server")
    return client


def a_sender(server):
    """What a script sees of what it sends."""
    eve = receiver(server, "Eve")
    adam = Client(server, "Adam", "-o", "json")
    adam.finish("Eve,Nobody: hello\nno message\nlist\nhelp\nEve,9: more\n")
    is_(adam.wait(), 6, "the exit status is the same with -o json")
    found = events(adam.out.text(), "a sender")
    is_(found[0]["type"], "ready", "the first is ready")
    is_((found[0]["name"], found[0]["server"], found[0]["fingerprint"]), ("Adam", server.address, server.fingerprint),
        "with the server")
    is_(found[-1]["type"], "end", "the last is end")
    is_([found[-1][name] for name in ("sent", "delivered", "failed", "status")], [2, 2, 3, 6], "with the totals")
    first = [event for event in of_type(found, "status") if event["line"] == 1 and event["to"] == "Eve"]
    is_([event["state"] for event in first], ["queued", "sent", "delivered"], "a message has its states, in order")
    is_(len({event["id"] for event in first}), 1, "all with its id")
    is_([(event["line"], event["to"], event["id"]) for event in of_type(found, "sent")][0],
        (1, "Eve", first[0]["id"]), "and sent says which")
    ok(all(0 <= a["ms"] <= b["ms"] for a, b in zip(first, first[1:])), "time goes on")
    is_(states(found, "Nobody"), ["queued", "failed"], "one who is not there fails, and was never sent to")
    is_([event["reason"] for event in of_type(found, "status") if event.get("to") == "Nobody" and "reason" in event],
        ["no such user"], "with the reason")
    is_([(event["line"], event["state"]) for event in of_type(found, "status") if "to" not in event], [(2, "failed")],
        "a line for nobody has failed")
    is_(states(found, "9"), ["failed"], "and a recipient that is none")
    is_(sorted(event["name"] for event in of_type(found, "peer") if event["state"] == "connected"), ["Adam", "Eve"],
        "list gives a peer each")
    is_([event["count"] for event in of_type(found, "listed")], [2], "and their number")
    like(adam.err.text(), r"^help +show", "help is on stderr")
    eve.kill()


def a_receiver(server):
    """What a bot sees of what comes."""
    eve = receiver(server, "Eve", "-o", "json", "--count", "2")
    adam = Client(server, "Adam", "--to", "Eve", "-s")
    text = 'a "quoted" \\ line\n\ttab \u00e4\u4e2d\U0001f600 \x1b[31m \x9b \u202e \u200b\U000e0041 \x7f end'
    adam.finish(text)
    is_(adam.wait(), 0, "a message of many kinds of characters")
    adam = Client(server, "Adam", "--to", "Eve", "-m", "")
    is_(adam.wait(), 0, "and an empty one")
    is_(eve.wait(), 0, "the receiver has its count")
    raw = eve.out.text()
    ok(all(char == "\n" or char.isprintable() for char in raw), "nothing in it does something to a terminal")
    found = events(raw, "a receiver")
    first, second = of_type(found, "message")
    is_((first["text"], second["text"]), (text, ""), "the texts are exact")
    is_([first[name] for name in ("from", "to", "verified", "signed")], ["Adam", "Eve", False, False], "so is the rest")
    like(first["fingerprint"], r"^SHA256:[A-Za-z0-9+/]{43}$", "and whose key it was")
    ok(first["id"] != second["id"], "ids are different")
    is_([event["state"] for event in of_type(found, "peer") if event["name"] == "Adam"],
        ["session", "left", "session"] + ["left"] * (len(of_type(found, "peer")) - 3), "Adam came, left and came again")


def a_verified_peer(server):
    """The word in known_peers counts as it is when the message comes."""
    state = folder("verified")
    path = os.path.join(state, "known_peers")
    eve = receiver(server, "Eve", "-o", "json", "--count", "3", state=state)
    adam = Client(server, "Adam", "--to", "Eve", "-m", "one")
    is_(adam.wait(), 0, "a message of who is not verified")
    with open(path, encoding="utf-8") as file:
        fingerprint = file.read().split()[1]
    for text, line in (("two", "Adam %s verified\n" % fingerprint), ("three", "Adam %s not verified\n" % fingerprint)):
        write_file(path, line)
        adam = Client(server, "Adam", "--to", "Eve", "-m", text)
        is_(adam.wait(), 0, "another, with another word in known_peers")
    is_(eve.wait(), 0, "the receiver has its count")
    is_([event["verified"] for event in of_type(events(eve.out.text(), "a verified peer"), "message")],
        [False, True, False], "verified is what known_peers says")


def receipts_wait_for_the_line(server):
    """The receipt goes when the event is written, as it does with text."""
    path = os.path.join(folder(), "broken-json")
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    eve = Client(server, "Eve", "--receive", "-o", "json", redirect="> " + path)
    eve.err.expect(r"new server")
    require(select.select([reader], [], [], DEADLINE)[0], "the receiver is ready")
    os.close(reader)
    adam = Client(server, "Adam", "--to", "Eve", "-m", "lost")
    ok(adam.wait() in (11, 12), "an event that nobody can read makes no receipt")
    is_(eve.wait(), 2, "and the receiver ends")


def a_status_descriptor(server):
    """Statuses beside the usual text."""
    eve = receiver(server, "Eve")
    path = os.path.join(folder(), "statuses")
    adam = Client(server, "Adam", "--status-fd", "3", redirect="3> " + path)
    adam.finish("Eve: one\nEve,Nobody: two\nlist\n")
    is_(adam.wait(), 12, "--status-fd changes no exit status")
    like(adam.out.text(), r"\A\d+ Adam SHA256\S+ \S+\n\d+ Eve \S+ \S+\n\Z", "standard output stays text")
    with open(path, encoding="utf-8") as file:
        found = events(file.read(), "the descriptor")
    is_({event["type"] for event in found}, {"status"}, "it has statuses alone")
    for line in (1, 2):
        is_([event["state"] for event in found if event["line"] == line and event["to"] == "Eve"],
            ["queued", "sent", "delivered"], "line %d went its way" % line)
    adam = Client(server, "Adam", "--to", "Eve", "-m", "x", "--status-fd", "3", redirect="3> /dev/full")
    is_(adam.wait(), 2, "a descriptor that is full is told")
    like(adam.err.text(), r"cannot write to --status-fd: No space", "in words")
    eve.out.wait_lines(3)
    eve.kill()
    adam = Client(server, "Adam", "--status-fd", "9", redirect="9>&-")
    is_(adam.wait(), 1, "one that is not open is a usage error")
    like(adam.err.text(), r"--status-fd 9: Bad file", "which is said")


def an_untrusted_peer(server):
    state = folder("wary")
    write_file(os.path.join(state, "known_peers"), "Eve SHA256:" + "A" * 43 + "\n")
    eve = receiver(server, "Eve")
    adam = Client(server, "Adam", "--to", "Eve", "-m", "x", "-o", "json", state=state)
    is_(adam.wait(), 4, "a changed key")
    found = events(adam.out.text(), "a changed key")
    is_([event["state"] for event in of_type(found, "peer")], ["untrusted"], "is an event")
    is_(states(found, "Eve"), ["queued", "failed"], "and the message has failed")
    eve.kill()


def a_lost_server():
    fake = FakeServer()
    adam = Client(fake, "Adam", "--to", "Eve", "-m", "x", "-o", "json")
    session = fake.accept().handshake()
    session.receive("client-connect")
    session.close()
    is_(adam.wait(), 3, "a lost server")
    found = events(adam.out.text(), "a lost server")
    is_([event["type"] for event in found if event["type"] != "status"], ["ready", "disconnected", "end"],
        "is an event")
    is_(states(found, "Eve"), ["queued", "failed"], "and the message has failed")
    adam = Client("127.0.0.1:1", "Adam", "-o", "json")
    is_(adam.wait(), 3, "no server")
    is_([event["type"] for event in events(adam.out.text(), "no server")], ["end"], "is an end")


def a_server_that_comes_back():
    fake = FakeServer()
    adam = Client(fake, "Adam", "-o", "json", reconnect=True)
    fake.accept().handshake().close()
    adam.out.expect(r'"disconnected"')
    session = fake.accept().handshake()
    adam.out.expect(r'"reconnected"')
    adam.finish("")
    session.receive("bye")
    session.send({"type": "bye"})
    session.close()
    is_(adam.wait(), 0, "a server that comes back")
    found = events(adam.out.text(), "a server that comes back")
    is_([event["type"] for event in found], ["ready", "disconnected", "reconnected", "end"], "is an event")


def a_bot(server):
    """One process that is told what to do in JSON, and tells what happens in JSON."""
    eve, bob = (receiver(server, name, "-o", "json") for name in ("Eve", "Bob"))
    bot = Client(server, "Adam", "-i", "json", "-o", "json", "--to", "Bob")
    text = 'two\nlines, "quoted", \\ \u00e4\U0001f600'
    bot.send(json.dumps({"to": "Eve,Bob", "text": text, "more": [1, {"a": None}]}))
    bot.send(json.dumps({"text": text}, ensure_ascii=False))
    bot.send('{"command":"list"}\n\n')
    bot.send('Eve: text\n{"to":"Eve"}\n{"to":"no list","text":"x"}\n{"to":7,"text":"x"}\n{"command":"dance"}\n[1]\n'
             '{"text":"x","text":"y"}')
    bot.out.expect(r'"listed"')
    bot.finish('{"command":"exit"}\n')
    is_(bot.wait(), 6, "a bot with bad lines")
    found = events(bot.out.text(), "a bot")
    is_(states(found, "Eve"), ["queued", "sent", "delivered"], "its message goes to whom it names")
    is_(states(found, "Bob").count("delivered"), 2, "or to whom the command line does")
    is_([(event["line"], event["state"]) for event in of_type(found, "status") if "to" not in event],
        [(line, "failed") for line in range(5, 12)], "each line that is nothing has failed")
    for client, count in ((eve, 1), (bob, 2)):
        client.out.expect(r'(?s)("type":"message".*){%d}' % count)
        is_([event["text"] for event in map(json.loads, client.out.so_far().decode().splitlines())
             if event["type"] == "message"], [text] * count, "%s has the exact text" % client.label)
        client.kill()
    bot = Client(server, "Adam", "-i", "json")
    bot.finish('{"text":"x"}')
    is_(bot.wait(), 6, "a message for nobody")
    like(bot.err.text(), r"line 1: it names nobody", "is named")
    bot = Client(server, "Adam", "-i", "json", "--to", "Eve", "-s")
    is_(bot.wait(), 1, "one message is no line of JSON")


def pings(server):
    """What a script sees of the ways."""
    adam = Client(server, "Adam", "-o", "json")
    adam.finish("ping Eve\nping Nobody\n")
    is_(adam.wait(), 12, "a ping of somebody and one of nobody")
    found = events(adam.out.text(), "pings")
    is_([event["to"] for event in found if event["type"] in ("ping", "pinged")], ["Eve", "Eve"], "is an event")
    like(adam.err.text(), r"ping Nobody: no such user", "and nobody is told on stderr")


def files(server):
    """What both sides see of a file; and a bot that is asked about one."""
    into = folder("json-downloads")
    path = write_file("file.bin", os.urandom(100000))
    eve = receiver(server, "Eve", "-o", "json", "--download-dir", into)
    adam = Client(server, "Adam", "--to", "Eve", "--send", path, "-o", "json")
    is_(adam.wait(), 0, "a file is sent")
    for client, direction, peer in ((adam, "out", "Eve"), (eve, "in", "Adam")):
        if client is eve:
            client.out.expect(r'"verified"')
            client.kill()
        found = of_type(events(client.out.text(), "a file that goes " + direction), "file")
        is_([event["state"] for event in found if event["state"] != "progress"], ["offered", "accepted", "verified"],
            "it has its states, in order")
        is_({(event["direction"], event["peer"], event["name"], event["size"]) for event in found},
            {(direction, peer, "file.bin", 100000)}, "and who, what and how much")
        is_(found[-1]["done"], 100000, "all of it is done")
    is_(found[-1]["path"], "file.bin", "and it is there")
    bot = receiver(server, "Eve", "-i", "json", "-o", "json", "--download-dir", into, "--accept-files", "ask")
    adam = Client(server, "Adam", "-i", "json", "-o", "json")
    adam.send(json.dumps({"command": "send Eve " + path}))
    number = json.loads(bot.out.expect(r'^.*"offered".*$').group())["file"]
    bot.send(json.dumps({"command": "refuse %d" % number}))
    refused = json.loads(adam.out.expect(r'^.*"refused".*$').group())
    is_((refused["line"], refused["reason"]), (1, "refused: not wanted"), "a bot may refuse")
    adam.send(json.dumps({"command": "send Eve " + path}))
    bot.out.expect(r'"offered"')
    bot.send('{"command":"accept"}')
    adam.out.expect(r'"verified"')
    is_(json.loads(bot.out.expect(r'^.*"verified".*$').group())["path"], "file (1).bin", "or accept")
    bot.kill()
    adam.kill()


def main():
    require_cryptography()
    require(len(SCHEMA) > 5, "the manual has a table of events")
    server = Server()
    a_sender(server)
    a_receiver(server)
    a_verified_peer(server)
    receipts_wait_for_the_line(server)
    a_status_descriptor(server)
    an_untrusted_peer(server)
    eve = receiver(server, "Eve")
    pings(server)
    eve.kill()
    a_bot(server)
    files(server)
    a_lost_server()
    a_server_that_comes_back()
    is_(sorted(set(SCHEMA) - seen), [], "every event of the manual was seen")


run(main)
