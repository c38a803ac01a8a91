#!/usr/bin/env python3
"""Files from somebody who means harm, and to somebody who does not know files.

Each function is a recipe; the other side is written from chatsecure-protocol(7)."""

import contextlib
import hashlib
import json
import os

from files import *
from harness import *

with contextlib.suppress(ImportError):
    import interop_client
    from interop import b64, key_hash, load_identity

CONTENT = b"harmless"
HASH = hashlib.sha256(CONTENT).digest()
counter = 0


def new_id(kind):
    global counter
    counter += 1
    return "%s%d" % (kind, counter)


class Sender:
    """Ines, who sends what she likes to Eve."""

    def __init__(self, server):
        self.client = interop_client.Client(server.address, "Ines", load_identity(key("mallory")),
                                            pinned=server.fingerprint)
        self.eve = self.client.peer("Eve")
        self.eve.begin()
        self.client.until(lambda: self.eve.sessions)

    def step(self, kind, **members):
        """Sends a step; gives its id."""
        message_id = new_id("m")
        self.eve.step(kind, message_id, **members)
        return message_id

    def answer(self, file, kind="file-answer"):
        """Waits for the last step of that kind about a file."""
        found = lambda: [step for step in self.eve.steps if (step["type"], step["file"]) == (kind, file)]
        self.client.until(found)
        return found()[-1]

    def offer(self, name="x", size=len(CONTENT), digest=HASH):
        """Offers a file; gives its id and the answer."""
        file = new_id("f")
        self.step("file-offer", file=file, name=name, size=size, sha256=b64(digest))
        return file, self.answer(file)

    def data(self, file, offset, content):
        """Sends data; gives what its receipt says."""
        message_id = self.step("file-data", file=file, offset=offset, data=b64(content))
        self.client.until(lambda: message_id in self.eve.receipts)
        return self.eve.receipts[message_id][0]


def bad_names(server):
    into = new_folder()
    above = os.path.dirname(into)
    write_file(os.path.join(into, "there"), "was there")
    eve, ines = receiver(server, "Eve", into), Sender(server)
    before = sorted(os.listdir(above))
    for name, made in (("../../x", "x"), ("/etc/passwd", "passwd"), ("..\\..\\y", "y"), (".bashrc", "_bashrc"),
                       ("-rf", "_rf"), ("a\nb\r\x1b[2J", "a_b__[2J"), ("txt.\u202efdp", "txt._fdp"), ("..", "_."),
                       ("", "file"), ("there", "there (1)"), ("\u00e4" * 127, "\u00e4" * 127), ("x" * 255, "x" * 255)):
        file, answer = ines.offer(name)
        is_(answer["status"], "accepted", "a file called %a is taken" % name[:20])
        is_(ines.data(file, 0, CONTENT), "delivered", "so is its data")
        is_(ines.answer(file, "file-end")["status"], "verified", "it is verified")
        is_(content_of(os.path.join(into, made)), CONTENT, "and is called %a" % made[:20])
        os.remove(os.path.join(into, made))
    is_(os.listdir(into), ["there"], "nothing else is in the folder")
    is_(sorted(os.listdir(above)), before, "nor beside it")
    ok(all(line.isprintable() for line in eve.err.so_far().decode().split("\n")), "nothing was done to the terminal")
    eve.kill()


def bad_data(server):
    into = new_folder()
    eve, ines = receiver(server, "Eve", into), Sender(server)

    file, _ = ines.offer(digest=b"\1" * 32)
    ines.data(file, 0, CONTENT)
    end = ines.answer(file, "file-end")
    is_(end["status"], "failed", "a file that has another hash has failed")
    eve.err.expect(r"x of Ines: it does not have the hash that was offered")
    is_(os.listdir(into), [], "and nothing of it stays")

    is_(ines.data("unknown", 0, CONTENT), "declined", "data of no file is not taken")
    for name, offset, content in (("more than was offered", 0, CONTENT + b"!"), ("far behind it", 1 << 52, b"x"),
                                  ("at its end", len(CONTENT), b"x")):
        file, _ = ines.offer(digest=hashlib.sha256(name.encode()).digest())
        is_(ines.data(file, offset, content), "declined", name + ": is not taken")
        is_(ines.answer(file, "file-end")["status"], "failed", "and ends it")

    file, _ = ines.offer()
    is_(ines.data(file, 4, CONTENT[4:]), "failed", "what does not continue it is asked for again")
    is_(ines.data(file, 0, CONTENT[:5]), "delivered", "what does is written")
    is_(ines.data(file, 0, CONTENT[:5]), "delivered", "what was written before is nothing new")
    is_(ines.data(file, 4, CONTENT[4:]), "declined", "half of what was written is no way to go on")
    is_(ines.answer(file, "file-end")["status"], "failed", "and ends it")
    is_([name for name in os.listdir(into) if not name.endswith(".part")], [], "no file has come of all this")
    eve.kill()


def too_much(server):
    into = new_folder()
    eve, ines = receiver(server, "Eve", into), Sender(server)
    _, answer = ines.offer(size=(1 << 53) - 1)
    is_((answer["status"], answer["reason"]), ("refused", "there is no room for it"), "no disk has room for all")
    is_(os.listdir(into), [], "and none is taken for it")
    answers = [ines.offer(size=1000, digest=bytes([number]) * 32)[1] for number in range(9)]
    is_([answer["status"] for answer in answers], ["accepted"] * 8 + ["refused"], "a key has eight files at once")
    is_(answers[8]["reason"], "too many files at once", "and hears why it has no more")
    eve.kill()


def another_name(server):
    """What a person has said yes to has a name."""
    into = new_folder()
    eve = receiver(server, "Eve", into, "-i", "json", "-o", "json", "--accept-files", "ask")
    ines = Sender(server)
    for name, command, status in (("a.txt", "accept 1", "accepted"), ("a.txt", None, "accepted"),
                                  ("a.desktop", "refuse 1", "refused")):
        file = new_id("f")
        ines.step("file-offer", file=file, name=name, size=len(CONTENT), sha256=b64(HASH))
        eve.out.expect(r'"%s".*"offered"' % name)
        if command:
            eve.send(json.dumps({"command": command}))
        is_(ines.answer(file)["status"], status, "%s, %s" % (name, command or "offered again"))
    eve.kill()


def finished_before(server):
    """An offer that is made again under its id, since the sender has not heard that the file arrived."""
    into = new_folder()
    eve, ines = receiver(server, "Eve", into), Sender(server)

    def again(file, answered, what):
        ines.eve.steps.clear()
        ines.step("file-offer", file=file, name="x", size=len(CONTENT), sha256=b64(HASH))
        is_(ines.answer(file)["offset"], answered, what)

    def arrives(file):
        ines.data(file, 0, CONTENT)
        ines.answer(file, "file-end")
        return sorted(os.listdir(into))

    file, _ = ines.offer()
    is_(arrives(file), ["x"], "a file has come")
    again(file, len(CONTENT), "offered again, nothing is missing")
    is_(ines.answer(file, "file-end")["status"], "verified", "and it is verified once more")
    eve.kill()
    eve, ines = receiver(server, "Eve", into, state=eve.state), Sender(server)
    again(file, len(CONTENT), "nor is anything for a program that was started since")
    is_((ines.answer(file, "file-end")["status"], os.listdir(into)), ("verified", ["x"]), "and it is there once")
    other, _ = ines.offer()
    is_(arrives(other), ["x", "x (1)"], "under another id the same file is another")
    os.remove(os.path.join(into, "x (1)"))
    again(other, len(CONTENT), "what is there has the hash, whichever of them it was")
    write_file(os.path.join(into, "x"), b"changed!")
    again(file, len(CONTENT), "what has changed since has the size")
    ines.client.until(lambda: [step for step in ines.eve.steps if step.get("offset") == 0])
    is_(arrives(file), ["x", "x (1)"], "but not the hash, and the file comes anew")
    os.remove(os.path.join(into, "x"))
    os.remove(os.path.join(into, "x (1)"))
    again(file, 0, "what was taken away comes anew")
    is_(arrives(file), ["x"], "as well")
    os.remove(os.path.join(into, "x"))
    os.symlink(write_file("the same", CONTENT), os.path.join(into, "x"))
    again(file, 0, "and so does what a link has the name of")
    eve.kill()


def deaf(server):
    """What waits for receipts is kept: who gives none gets no more answers."""
    eve, ines = receiver(server, "Eve", new_folder()), Sender(server)
    ines.eve.confirms_steps = False
    offers = [ines.step("file-offer", file=new_id("f"), name="x", size=1000, sha256=b64(number.to_bytes(32, "big")))
              for number in range(600)]
    ines.client.until(lambda: all(offer in ines.eve.receipts for offer in offers))
    declined = [offer for offer in offers if "declined" in ines.eve.receipts[offer]]
    is_((len(declined), declined[:1]), (88, offers[512:513]), "after 512 answers that it does not confirm it has none")
    eve.kill()


def offered_again(server):
    """The next offer of a file goes on with what is there; what becomes of the answer to the one before is nothing to
    it."""
    eve, ines = receiver(server, "Eve", new_folder()), Sender(server)
    ines.eve.confirms_steps = False
    before, declined = ines.offer()
    ines.data(before, 0, CONTENT[:4])
    file, answer = ines.offer()
    is_((answer["status"], answer["offset"]), ("accepted", 4), "a file that is offered again goes on where it was")
    ines.eve.receipt([declined["id"]], "declined")
    is_(ines.data(file, 4, CONTENT[4:]), "delivered", "though the answer to the offer before is declined")
    steps = lambda: [step for step in ines.eve.steps if step["file"] == file]
    ines.client.until(lambda: len(steps()) > 1)
    is_((steps()[1]["type"], steps()[1].get("status")), ("file-end", "verified"), "and the rest of it is enough")
    eve.kill()


def traps(server):
    """Something else stands where the file is to be written."""
    into = new_folder()
    victim = write_file("victim", "what was there")
    mark = hashlib.sha256(("SHA256:" + b64(key_hash(load_identity(key("mallory")).public_key())).rstrip("=")).encode() +
                          len(CONTENT).to_bytes(8, "little") + HASH).hexdigest()[:24]
    part = os.path.join(into, ".x.%s.part" % mark)
    eve, ines = receiver(server, "Eve", into), Sender(server)
    for name, make in (("a link", lambda: os.symlink(victim, part)), ("another name of a file",
                       lambda: os.link(victim, part)), ("a pipe", lambda: os.mkfifo(part)),
                       ("a folder", lambda: os.mkdir(part))):
        make()
        _, answer = ines.offer()
        is_(answer["status"], "refused", name + " in its place: it is refused")
        os.rmdir(part) if os.path.isdir(part) else os.remove(part)
    is_(content_of(victim), b"what was there", "and nothing was written there")
    file, _ = ines.offer()
    ok(os.path.exists(part), "it would have been written there")
    os.remove(part)
    write_file(part, "of somebody else")
    ines.data(file, 0, CONTENT)
    is_(ines.answer(file, "file-end")["status"], "failed", "what takes its place while it comes")
    is_(os.listdir(into), [os.path.basename(part)], "does not get its name")
    eve.kill()


def a_peer_that_knows_no_files(server):
    path = write_file("unknown.txt", "x")
    ines = interop_client.Client(server.address, "Ines", load_identity(key("mallory")), pinned=server.fingerprint)
    ines.peer("Adam").knows_files = False
    adam = Client(server, "Adam", "--send", path, "--to", "Ines")
    ines.until(lambda: ines.peer("Adam").reasons)
    is_(adam.wait(), 11, "a peer that knows no files")
    like(adam.err.text(), r"unknown\.txt to Ines: the peer's program takes no files", "is told as that")


def a_peer_that_lies(server):
    """Answers that make no sense end the file, and nothing else."""
    path = write_file("lies.txt", CONTENT)
    for name, kind, members, status in (
            ("more than there is", "file-answer", {"status": "accepted", "offset": len(CONTENT) + 1}, 13),
            ("no answer that is known", "file-answer", {"status": "perhaps"}, 5),
            ("what it has not got is verified", "file-end", {"status": "verified"}, 13),
            ("an end before the beginning", "file-end", {"status": "failed", "reason": "\x1b[2J"}, 16)):
        ines = interop_client.Client(server.address, "Ines", load_identity(key("mallory")), pinned=server.fingerprint)
        adam = Client(server, "Adam", "--send", path, "--to", "Ines")
        peer = ines.peer("Adam")
        ines.until(lambda: peer.steps)
        peer.step(kind, new_id("m"), file=peer.steps[0]["file"], **members)
        ines.until(lambda: peer.reasons)
        is_(adam.wait(), status, name)
        ok(all(line.isprintable() for line in adam.err.text().split("\n")), "does nothing to the terminal")
        ines.leave()


def main():
    require_cryptography()
    server = Server(*UNLIMITED)
    bad_names(server)
    bad_data(server)
    too_much(server)
    another_name(server)
    finished_before(server)
    deaf(server)
    offered_again(server)
    traps(server)
    a_peer_that_knows_no_files(server)
    a_peer_that_lies(server)


run(main)
