#!/usr/bin/env python3
"""Files that are cut on their way, by the end of either program or of the server, and go on where they were.

Each function is a recipe."""

import json
import os
import shutil
import signal

from files import *
from harness import *

SIZE = 16 * 1024 * 1024


class Transfer:
    """A file of Adam's that is in the middle of its way to Eve."""

    def __init__(self, server, name, *options):
        self.server = server
        self.path, self.into = large_file(name, SIZE), new_folder()
        self.eve = receiver(server, "Eve", self.into, "-o", "json", reconnect=True)
        self.adam = Client(server, "Adam", "--send", self.path, "--to", "Eve", "-o", "json", *options, reconnect=True)
        self.adam.out.expect(r'"state":"progress"')

    def part(self):
        """The path of what Eve has of the file."""
        parts = [name for name in os.listdir(self.into) if name.endswith(".part")]
        require(len(parts) == 1, "there is one file that is not complete: %r" % parts)
        return os.path.join(self.into, parts[0])

    def send_again(self, name):
        """Runs a new sender to its end."""
        is_(Client(self.server, "Adam", "--send", self.path, "--to", "Eve").wait(), 0, name)

    def accepted(self):
        """How much Eve had of the file at each acceptance."""
        return [event["done"] for event in file_events(self.eve.out) if event["state"] == "accepted"]

    def end(self, name):
        """The file has arrived; Eve is no longer needed."""
        arrived = os.path.join(self.into, os.path.basename(self.path))
        is_(os.listdir(self.into), [os.path.basename(self.path)], name + ": the file is there, and nothing else")
        is_(hash_of(arrived), hash_of(self.path), "the same as the one that was sent")
        self.eve.kill()


def the_receiver_is_killed(server):
    transfer = Transfer(server, "a.bin")
    transfer.eve.kill()
    there = os.stat(transfer.part()).st_size
    ok(0 < there < SIZE, "a receiver is killed when a part of the file is there")
    transfer.eve = receiver(server, "Eve", transfer.into, "-o", "json", state=transfer.eve.state)
    is_(transfer.adam.wait(), 0, "the sender waits for it to be back")
    is_(transfer.accepted(), [there], "and sends the rest")
    transfer.end("in the end")


def the_sender_is_killed(server):
    transfer = Transfer(server, "b.bin")
    transfer.adam.kill()
    transfer.send_again("a sender is killed, and run again")
    transfer.eve.out.expect(r'"verified"')
    found = transfer.accepted()
    ok(len(found) == 2 and found[1] > 0, "it goes on where it was")
    transfer.end("in the end")


def the_sender_is_interrupted(server):
    transfer = Transfer(server, "c.bin")
    transfer.adam.signal(signal.SIGTERM)
    is_(transfer.adam.wait(), 11, "a sender that is asked to end says that it was not done")
    like(transfer.adam.err.text(), r"c\.bin to Eve: interrupted", "and of which file")
    transfer.send_again("run again")
    ok(transfer.accepted()[1] > 0, "it goes on")
    transfer.end("in the end")


def the_server_is_killed():
    server = Server(*UNLIMITED)
    transfer = Transfer(server, "d.bin")
    server.kill()
    server = Server(*UNLIMITED, listen=(server.address,), state=server.state)
    is_(transfer.adam.wait(), 0, "a server is killed, and comes back")
    transfer.end("in the end")
    server.stop()


def what_was_there_is_wrong(server):
    transfer = Transfer(server, "e.bin")
    transfer.adam.kill()
    with open(transfer.part(), "r+b") as file:
        file.seek(100)
        file.write(b"not what was sent")
    transfer.send_again("something else has written to what was there")
    found = transfer.accepted()
    ok(len(found) == 2 and found[1] > 0, "that is found out at the end")
    transfer.end("and all of it comes anew")


def more_than_all_was_there(server):
    transfer = Transfer(server, "f.bin")
    transfer.adam.kill()
    with open(transfer.part(), "ab") as file:
        file.truncate(SIZE + 1)
    transfer.send_again("what is longer than the file is no part of it")
    is_(transfer.accepted()[1:], [0], "and does not count")
    transfer.end("in the end")


def another_key(server):
    """What one has sent is no part of what another sends, though it be the same file."""
    transfer = Transfer(server, "g.bin")
    transfer.adam.kill()
    part = transfer.part()
    mallory = Client(server, "Mallory", "--send", transfer.path, "--to", "Eve")
    is_(mallory.wait(), 0, "another sends the same file")
    is_(transfer.accepted()[1:], [0], "from the beginning")
    ok(os.path.exists(part), "and what the first has sent is still there")
    os.remove(part)
    transfer.end("in the end")


def the_file_changes(server):
    transfer = Transfer(server, "h.bin")
    with open(transfer.path, "ab") as file:
        file.write(b"more")
    is_(transfer.adam.wait(), 2, "a file that changes while it is sent")
    like(transfer.adam.err.text(), r"h\.bin to Eve: the file has changed meanwhile", "has failed, in words")
    transfer.eve.err.expect(r"h\.bin of Adam: failed: the file has changed meanwhile")
    if os.path.exists("/proc/self/status"):
        send(server, "/proc/self/status", "Eve", status=2, name="so has one that has more than its size says",
             error=r"status to Eve: the file has changed meanwhile")
    else:
        skip(2, "there is no /proc here")
    transfer.eve.kill()


def cancelled(server):
    path, into = large_file("i.bin", SIZE), new_folder()
    eve = receiver(server, "Eve", into, "-i", "json", "-o", "json", "--accept-files", "always")
    adam = Client(server, "Adam", "-i", "json", "-o", "json")
    adam.send(json.dumps({"command": "send Eve " + path}))
    adam.out.expect(r'"state":"progress"')
    adam.send('{"command":"cancel 1"}')
    eve.out.expect(r'"state":"cancelled"')
    is_(os.listdir(into), [], "of what its sender has taken back nothing stays")
    adam.send(json.dumps({"command": "send Eve " + path}))
    number = json.loads(eve.out.expect(r'^.*"state":"accepted".*$').group())["file"]
    eve.send('{"command":"cancel %d"}' % number)
    adam.out.expect(r'"state":"failed","reason":"cancelled')
    is_(os.listdir(into), [], "nor of what its receiver has given up")
    adam.kill()
    eve.kill()


def nobody_comes_back(server):
    transfer = Transfer(server, "j.bin", "-W", str(scaled(2)))
    transfer.eve.kill()
    is_(transfer.adam.wait(), 11, "a receiver that does not come back")
    like(transfer.adam.err.text(), r"j\.bin to Eve: the peer is gone, and has not come back in time",
         "is named in time")


def the_receiver_is_killed_at_the_end(server):
    """The file has its name, and the sender has not heard of it."""
    if not shutil.which("strace"):
        skip(5, "no strace")
        return
    path, into = large_file("k.bin", 1024 * 1024), new_folder()
    eve = receiver(server, "Eve", into)
    eve.kill()
    # The folder is synced right after the file has got its name in it.
    argv = ["strace", "-f", "-q", "-o", "/dev/null", "-P", into, "-e", "trace=fsync", "-e", "inject=fsync:signal=KILL"]
    # The leak checker traces as well, and there can be one tracer only.
    traced = Process(argv + eve.argv, label="a traced client", env=environment(ASAN_OPTIONS="detect_leaks=0"))
    traced.expected_signals.add(signal.SIGKILL)
    try:
        traced.err.expect(r"connecting -> running")
    except Failure:
        skip(5, "strace does not run here")
        return
    adam = Client(server, "Adam", "--send", path, "--to", "Eve", "-o", "json", reconnect=True)
    is_(traced.wait(), -signal.SIGKILL, "a receiver is killed when the file has just got its name")
    is_(os.listdir(into), ["k.bin"], "which it has")
    eve = receiver(server, "Eve", into, "-o", "json", state=eve.state)
    is_(adam.wait(), 0, "the sender hears of it from the next one")
    is_([event["done"] for event in file_events(eve.out) if event["state"] == "accepted"], [1024 * 1024],
        "which has all of it")
    is_((os.listdir(into), hash_of(os.path.join(into, "k.bin"))), (["k.bin"], hash_of(path)), "and has it once")
    eve.kill()


def main():
    require_cryptography()
    server = Server(*UNLIMITED)
    the_receiver_is_killed(server)
    the_sender_is_killed(server)
    the_sender_is_interrupted(server)
    what_was_there_is_wrong(server)
    more_than_all_was_there(server)
    another_key(server)
    the_file_changes(server)
    cancelled(server)
    nobody_comes_back(server)
    the_receiver_is_killed_at_the_end(server)
    the_server_is_killed()


run(main)
