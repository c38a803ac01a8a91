#!/usr/bin/env python3
"""Signed messages from pipe to pipe, and verify-message on what was kept of them."""

import contextlib
import json
import os
import re
import subprocess

from harness import *
from harness import CLIENT

with contextlib.suppress(ImportError):
    import interop

DAMAGED, NOTHING = 13, 6


def receiver(server, name, *options, **keywords):
    client = Client(server, name, *options, **keywords)
    client.err.expect(r"new server")
    return client


def sender(server, lines, *options, **keywords):
    adam = Client(server, "Adam", *options, **keywords)
    adam.finish(lines)
    is_(adam.wait(), 0, "Adam sends " + " ".join(options))
    return adam


def shown(client):
    return [line.split("] ", 1)[1] for line in client.out.lines()]


def fingerprint_of(name):
    return interop.fingerprint(interop.load_identity(key(name)).public_key())


def public(name):
    """The path of a public key."""
    return write_file(name + "-public.pem", interop.pem_of(interop.load_identity(key(name)).public_key()))


def verify(content, *options, state=None, path=None):
    """verify-message on CONTENT: status, lines, stderr."""
    path = path or write_file("records", content)
    done = subprocess.run([CLIENT, "--state-dir", state or os.path.join(folder(), "none"), "verify-message"] +
                          list(options) + [path], capture_output=True, text=True, input=content, env=environment(),
                          timeout=DEADLINE, check=False)
    return done.returncode, done.stdout.splitlines(), done.stderr


def text_output(server):
    eve = receiver(server, "Eve", "--count", "5")
    sender(server, "Eve: , signed]: one\nsign on\nEve: two\nEve: [Adam, signed]: three\n\tsign off\t\n"
           "Eve: [Adam, signed]: four\nEve: sign on\n")
    is_(eve.wait(), 0, "five messages, of which two are signed")
    is_(shown(eve), ["[Adam]: , signed]: one", "[Adam, signed]: two", "[Adam, signed]: [Adam, signed]: three",
                     "[Adam]: [Adam, signed]: four", "[Adam]: sign on"], "are shown as that, and no text looks like it")
    eve = receiver(server, "Eve", "--count", "1")
    sender(server, "", "--sign", "--to", "Eve", "-m", "sign off")
    is_((eve.wait(), shown(eve)), (0, ["[Adam, signed]: sign off"]), "--sign signs what goes --to somebody")


def terminal(server):
    adam = Terminal(server, "Adam", trust="first-use")
    adam.expect(r"\[Adam-\d+\] ")
    adam.type("sign on\r")
    adam.expect(r"messages are signed\r?\n")
    eve = receiver(server, "Eve", "--count", "1")
    adam.type("Eve: typed\r")
    is_((eve.wait(), shown(eve)), (0, ["[Adam, signed]: typed"]), "what is typed is signed after sign on")
    adam.type("sign off\r")
    adam.expect(r"messages are not signed\r?\n")
    adam.type("exit\r")
    is_(adam.wait(), 0, "and it is said")


TEXTS = ["hello", "", 'a "quoted" \\ line\n\ttab \u00e4\u4e2d\U0001f600 \x1b[31m \x9b \u202e \x7f end']


def record_some(server):
    """What Eve keeps of signed messages, and her state directory."""
    eve = receiver(server, "Eve", "-o", "json", "--count", str(len(TEXTS)))
    for text in TEXTS:
        sender(server, text, "--sign", "--to", "Eve", "-s")
    is_(eve.wait(), 0, "Eve has them")
    kept = "".join(line + "\n" for line in eve.out.text().splitlines() if json.loads(line)["type"] == "message")
    return kept, eve.state


def the_records(kept, state):
    records = [json.loads(line) for line in kept.splitlines()]
    is_([record["text"] for record in records], TEXTS, "the records have the texts")
    is_({record["signed"] for record in records}, {True}, "as signed")
    status, lines, said = verify(kept, state=state)
    is_((status, said), (0, ""), "verify-message: all hold")
    wanted = r"^%d good \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z Adam %s Adam$"
    ok(all(re.search(wanted % (number, re.escape(fingerprint_of("adam"))), line)
           for number, line in enumerate(lines, 1)) and len(lines) == len(TEXTS), "a line each says by whose key")
    status, lines, _ = verify(kept)
    is_((status, [line.split()[-1] for line in lines]), (0, ["-"] * len(TEXTS)), "to a stranger it is just a key")
    ok(not os.path.exists(os.path.join(folder(), "none")), "and no state directory is made")
    is_(verify(kept, "--key", public("adam"))[0], 0, "with the public key alone anybody can check")
    is_(verify(kept, path="-")[0], 0, "from standard input too")
    is_(verify(kept.replace("\n", "\r\n\n"))[0], 0, "ends of lines and empty lines mean nothing")
    status, _, said = verify(kept, "--key", public("mallory"))
    is_(status, DAMAGED, "another key has not signed it")
    like(said, r"another key than --key has", "which is said")
    return records


def others_check(records):
    """The second implementation, and OpenSSL."""
    for number, record in enumerate(records, 1):
        signature = record["signature"]
        sender_key = interop.identity_from_pem(signature["key"])
        recipient = interop.unb64(signature["recipient"][7:] + "=", 32)
        data = interop.signed_bytes(interop.key_hash(sender_key), recipient, interop.unb64(signature["session"], 12),
                                    record["id"], record["time"], record["text"])
        value = interop.unb64(signature["value"])
        ok(interop.is_signed_by(sender_key, data, value), "record %d holds for another implementation" % number)
        with contextlib.suppress(FileNotFoundError):
            done = subprocess.run(
                ["openssl", "dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32",
                 "-sigopt", "rsa_mgf1_md:sha256", "-verify", write_file("key.pem", signature["key"]), "-signature",
                 write_file("signature.bin", value), write_file("signed-bytes.bin", data)],
                capture_output=True, text=True, check=False)
            is_(done.stdout, "Verified OK\n", "and for openssl dgst, as the page has it")


def altered(record, *path, to):
    copy = json.loads(json.dumps(record))
    holder = copy
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = to(holder[path[-1]])
    return json.dumps(copy) + "\n"


def other_character(text, at=20):
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1:]


def alterations(record, kept):
    mallory = interop.load_identity(key("mallory")).public_key()
    for name, path, to in (
            ("the text", ("text",), lambda text: text + "!"), ("the time", ("time",), lambda time: time + 1),
            ("the id", ("id",), lambda text: other_character(text, 0)), ("no id", ("id",), lambda _: ""),
            ("the session", ("signature", "session"), lambda text: other_character(text, 3)),
            ("a short session", ("signature", "session"), lambda text: text[:-4]),
            ("no session", ("signature", "session"), lambda _: ""),
            ("the recipient", ("signature", "recipient"), other_character),
            ("another recipient", ("signature", "recipient"), lambda _: fingerprint_of("relay")),
            ("no recipient", ("signature", "recipient"), lambda _: ""),
            ("the key", ("signature", "key"), lambda text: other_character(text, 200)),
            ("another key", ("signature", "key"), lambda _: interop.pem_of(mallory)),
            ("no key", ("signature", "key"), lambda _: ""), ("the fingerprint", ("fingerprint",), other_character),
            ("the value", ("signature", "value"), other_character),
            ("a short value", ("signature", "value"), lambda text: text[:-4]),
            ("a long value", ("signature", "value"), lambda text: "AAAA" * 300),
            ("no value", ("signature", "value"), lambda _: "")):
        status, lines, said = verify(kept + altered(record, *path, to=to) + kept)
        is_((status, [line.split()[1] for line in lines]), (DAMAGED, ["good"] * 3 + ["bad"] + ["good"] * 3),
            "%s was altered, and that one is bad" % name)
        why = "cannot be one$" if name in ("a short session", "no session", "a long value") else ""
        like(said, r"^chatsecure: .*records:4: [ a-z]+" + why, "which says why")
    swapped = json.loads(altered(record, "signature", "key", to=lambda _: interop.pem_of(mallory)))
    swapped["fingerprint"] = interop.fingerprint(mallory)
    is_(verify(json.dumps(swapped) + "\n")[0], DAMAGED, "another key with its own fingerprint has not signed it")


def what_is_none(record, kept):
    unsigned = json.loads(altered(record, "signed", to=lambda _: False))
    del unsigned["signature"]
    for name, line in (
            ("a message without a signature", json.dumps(unsigned)),
            ("a message that is not said to be signed", altered(record, "signed", to=lambda _: False).strip()),
            ("what is said to be signed in words", altered(record, "signed", to=lambda _: "true").strip()),
            ("an event of another type", altered(record, "type", to=lambda _: "status").strip()),
            ("a record with something far behind it", json.dumps(record) + " " * 500000 + "{}"),
            ("text", "[20:15:09] [Adam, signed]: hello"),
            ("another event", '{"type":"listed","count":1}'), ("nothing but an object", "{}"),
            ("half a record", kept[:300]), ("two in a line", kept.replace("\n", " ").strip()),
            ("a member twice", kept.splitlines()[0][:-1] + ',"text":"other"}'), ("an array", "[" + "1," * 9999 + "1]"),
            ("a signature that is a string", altered(record, "signature", to=lambda _: "x").strip()),
            ("a time that is text", altered(record, "time", to=str).strip()),
            ("a time before 1970", altered(record, "time", to=lambda _: -1).strip()),
            ("no text", altered(record, "text", to=lambda _: None).strip()),
            ("a sender that is no name", altered(record, "from", to=lambda _: "Adam, signed").strip()),
            ("a line without end", '{"type":"message","id":"' + "x" * 3000000 + '"}'), ("bytes", "\x00\x01\x02")):
        status, lines, said = verify(kept + line + "\n" + kept)
        is_((status, [word.split()[1] for word in lines]), (NOTHING, ["good"] * 3 + ["none"] + ["good"] * 3),
            "%s is none" % name)
        like(said, r"\Achatsecure: .*records:4: [ -~]+\n\Z", "and is named")
    is_(verify("{}\n" + altered(record, "text", to=lambda text: text + "!"))[0], DAMAGED, "bad is worse than none")
    status, lines, said = verify("\n\r\n")
    is_((status, lines), (NOTHING, []), "nothing proves nothing")
    like(said, "there is no message in", "which is said")


def whose_key(record, kept):
    """The name in a record is not signed: what known_peers says of the key counts."""
    bob = altered(record, "from", to=lambda _: "Bob")
    state = folder("knows")
    known = os.path.join(state, "known_peers")
    write_file(known, "Carol %s\n" % fingerprint_of("adam"))
    status, lines, _ = verify(bob, state=state)
    is_((status, lines[0].split()[3:]), (0, ["Bob", fingerprint_of("adam"), "Carol"]), "known_peers has another name")
    write_file(known, "Carol %s\nBob %s\nbob2 x\n" % (fingerprint_of("adam"), fingerprint_of("eve")))
    is_(verify(bob, state=state)[0], 2, "a known_peers that cannot be read decides nothing")
    write_file(known, "Carol %s\nBOB %s verified\n" % (fingerprint_of("adam"), fingerprint_of("eve")))
    status, lines, said = verify(bob, state=state)
    is_((status, lines[0].split()[1]), (DAMAGED, "bad"), "under the name of somebody with another key it is bad")
    like(said, "known_peers has another key for that name", "which is said")
    is_(verify(bob, "--key", public("adam"), state=state)[0], 0, "unless --key says whose it has to be")
    write_file(known, "Carol %s\nBob %s\n" % ((fingerprint_of("adam"),) * 2))
    is_(verify(bob, "--known-peers", known)[1][0].split()[-1], "Bob", "--known-peers names another known_peers")
    is_(verify(bob, state=state)[1][0].split()[-1], "Bob", "of several names for a key that of the record is shown")
    is_(verify(kept, "--known-peers", known)[0], DAMAGED, "a name that --known-peers has not for the key is bad")
    write_file(known, "Eve %s\n" % fingerprint_of("eve"))
    status, _, said = verify(kept, "--known-peers", known)
    is_(status, DAMAGED, "and so is a key that it has not at all")
    like(said, "--known-peers does not have that key for that name", "which is said")
    is_(verify(kept, "--known-peers", known, "--key", public("adam"))[0], 0, "unless --key says whose it has to be")


def wrong_use(kept):
    is_(verify(kept, path="/nonexistent")[0], 1, "a file that is not there is a usage error")
    is_(verify(kept, "--key", "/nonexistent")[0], 1, "so is a key that is not there")
    is_(verify(kept, "--key", write_file("no-key", "hello\n"))[0], 1, "or is none")
    is_(verify(kept, "--key", key("adam"))[0], 1, "or is private")
    is_(verify(kept, "--known-peers", "/nonexistent")[0], 1, "so are known peers that are not there")
    is_(verify(kept, "more")[0], 1, "or two files")
    is_(verify(kept, path=folder())[0], 2, "a folder cannot be read")
    done = subprocess.run("exec %s verify-message %s > /dev/full" % (CLIENT, write_file("records", kept)), shell=True,
                          env=environment(), stderr=subprocess.DEVNULL, check=False)
    is_(done.returncode, 2, "a standard output that is full is told")


def while_running(server, kept):
    eve = receiver(server, "Eve", "--receive")
    is_(verify(kept, state=eve.state)[0], 0, "verify-message works while a client has the state directory")
    eve.kill()


def large(server):
    """The longest message, under the largest key."""
    path = os.path.join(folder(), "large.pem")
    made = subprocess.run([CLIENT, "--state-dir", folder(), "--identity", path, "--bits", "4096", "keygen"],
                          stdin=subprocess.DEVNULL, capture_output=True, env=environment(), check=False)
    is_(made.returncode, 0, "a key of 4096 bits")
    eve = receiver(server, "Eve", "-o", "json", "--count", "1")
    text = "\u00e4" * 16384
    bob = Client(server, "Bob", "--identity", path, "--sign", "--to", "Eve", "-s", identity="")
    bob.finish(text)
    is_(bob.wait(), 0, "32,768 bytes are signed")
    is_(eve.wait(), 0, "and received")
    kept = [line for line in eve.out.text().splitlines() if '"message"' in line]
    is_(json.loads(kept[0])["text"], text, "whole")
    is_(verify(kept[0])[0], 0, "and verified, without an end of line")
    full = '"' * 3000 + "x" * 29768
    bob = Client(server, "Bob", "--identity", path, "--sign", "--to", "Eve", "-s", identity="")
    bob.finish(full)
    is_(bob.wait(), 6, "a text whose escapes leave no room for its signature is not sent")
    like(bob.err.text(), "too long for a message", "which is said")


def spooled(server):
    """A line is signed or not as the run says that queues it, whichever run sends it, and in whatever session."""
    spool, state = folder("spool"), folder("spooling")

    def run(text, *options):
        adam = Client(server, "Adam", "--spool", spool, "--to", "Eve", *options, state=state, reconnect=True)
        adam.finish(text)
        return adam

    is_(run("signed\n", "--sign").wait(), 12, "without a receiver a signed line is kept in the spool")
    is_(run("plain\n").wait(), 12, "and one that is not")
    killed = Client(server, "Adam", "--spool", spool, "--to", "Eve", "--sign", "-o", "json", state=state,
                    reconnect=True)
    killed.send("signed, and killed")
    killed.out.expect(r'"line":3,.*"state":"queued"')
    killed.kill()
    eve = receiver(server, "Eve", "-o", "json", "--count", "4")
    is_(run("plain too\n").wait(), 0, "the next run sends them all")
    eve.wait()
    kept = [line for line in eve.out.text().splitlines() if json.loads(line)["type"] == "message"]
    is_([(json.loads(line)["text"], json.loads(line).get("signed", False)) for line in kept],
        [("signed", True), ("plain", False), ("signed, and killed", True), ("plain too", False)],
        "as they were queued, signed or not")
    status, lines, _ = verify(kept[0] + "\n" + kept[2] + "\n", "--key", public("adam"))
    is_((status, len(lines)), (0, 2), "and the signatures hold")


def main():
    require_cryptography()
    server = Server()
    text_output(server)
    terminal(server)
    kept, state = record_some(server)
    records = the_records(kept, state)
    others_check(records)
    alterations(records[0], kept)
    what_is_none(records[0], kept)
    whose_key(records[0], kept)
    wrong_use(kept)
    while_running(server, kept)
    large(server)
    spooled(server)


run(main)
