#!/usr/bin/env python3
"""Files that are cut on their way, by the end of either program or of the server, and go on where they were.

Each function is a recipe."""

import json
import os
import signal

from files import *
from harness import *

SIZE = 16 * 1024 * 1024


def begin(server, path, into):
    """A sender and a receiver in the middle of a file."""
    eve = receiver(server, "Eve", into, "-o", "json", reconnect=True)
    adam = Client(server, "Adam", "--send", path, "--to", "Eve", "-o", "json", reconnect=True)
    adam.out.expect(r'"state":"progress"')
    return adam, eve


def accepted(client):
    """How much was there at each acceptance."""
    return [event["done"] for event in file_events(client.out) if event["state"] == "accepted"]


def is_whole(into, path, name):
    is_(os.listdir(into), [os.path.basename(path)], name + ": the file is there, and nothing else")
    is_(hash_of(os.path.join(into, os.path.basename(path))), hash_of(path), "the same as the one that was sent")


def part_of(into):
    parts = [name for name in os.listdir(into) if name.endswith(".part")]
    require(len(parts) == 1, "there is one file that is not complete: %r" % parts)
    return os.path.join(into, parts[0])


def again(server, path, name):
    adam = Client(server, "Adam", "--send", path, "--to", "Eve")
    is_(adam.wait(), 0, name)


def the_receiver_is_killed(server):
    path, into = large_file("a.bin", SIZE), new_folder()
    adam, eve = begin(server, path, into)
    eve.kill()
    there = os.stat(part_of(into)).st_size
    ok(0 < there < SIZE, "a receiver is killed when a part of the file is there")
    eve = receiver(server, "Eve", into, "-o", "json", state=eve.state)
    is_(adam.wait(), 0, "the sender waits for it to be back")
    is_(accepted(eve), [there], "and sends the rest")
    is_whole(into, path, "in the end")
    eve.kill()


def the_sender_is_killed(server):
    path, into = large_file("b.bin", SIZE), new_folder()
    adam, eve = begin(server, path, into)
    adam.kill()
    again(server, path, "a sender is killed, and run again")
    eve.out.expect(r'"verified"')
    found = accepted(eve)
    ok(len(found) == 2 and found[1] > 0, "it goes on where it was")
    is_whole(into, path, "in the end")
    eve.kill()


def the_sender_is_interrupted(server):
    path, into = large_file("c.bin", SIZE), new_folder()
    adam, eve = begin(server, path, into)
    adam.signal(signal.SIGTERM)
    is_(adam.wait(), 11, "a sender that is asked to end says that it was not done")
    like(adam.err.text(), r"c\.bin to Eve: interrupted", "and of which file")
    again(server, path, "run again")
    ok(accepted(eve)[1] > 0, "it goes on")
    is_whole(into, path, "in the end")
    eve.kill()


def the_server_is_killed():
    server = Server(*UNLIMITED)
    path, into = large_file("d.bin", SIZE), new_folder()
    adam, eve = begin(server, path, into)
    server.kill()
    server = Server(*UNLIMITED, listen=(server.address,), state=server.state)
    is_(adam.wait(), 0, "a server is killed, and comes back")
    is_whole(into, path, "in the end")
    eve.kill()
    server.stop()


def what_was_there_is_wrong(server):
    path, into = large_file("e.bin", SIZE), new_folder()
    adam, eve = begin(server, path, into)
    adam.kill()
    with open(part_of(into), "r+b") as file:
        file.seek(100)
        file.write(b"not what was sent")
    again(server, path, "something else has written to what was there")
    found = accepted(eve)
    ok(len(found) == 2 and found[1] > 0, "that is found out at the end")
    is_whole(into, path, "and all of it comes anew")
    eve.kill()


def more_than_all_was_there(server):
    path, into = large_file("f.bin", SIZE), new_folder()
    adam, eve = begin(server, path, into)
    adam.kill()
    with open(part_of(into), "ab") as file:
        file.truncate(SIZE + 1)
    again(server, path, "what is longer than the file is no part of it")
    is_(accepted(eve)[1:], [0], "and does not count")
    is_whole(into, path, "in the end")
    eve.kill()


def another_key(server):
    """What one has sent is no part of what another sends, though it be the same file."""
    path, into = large_file("g.bin", SIZE), new_folder()
    adam, eve = begin(server, path, into)
    adam.kill()
    part = part_of(into)
    mallory = Client(server, "Mallory", "--send", path, "--to", "Eve")
    is_(mallory.wait(), 0, "another sends the same file")
    is_(accepted(eve)[1:], [0], "from the beginning")
    ok(os.path.exists(part), "and what the first has sent is still there")
    os.remove(part)
    is_whole(into, path, "in the end")
    eve.kill()


def the_file_changes(server):
    path, into = large_file("h.bin", SIZE), new_folder()
    adam, eve = begin(server, path, into)
    with open(path, "ab") as file:
        file.write(b"more")
    is_(adam.wait(), 2, "a file that changes while it is sent")
    like(adam.err.text(), r"h\.bin to Eve: the file has changed meanwhile", "has failed, in words")
    eve.err.expect(r"h\.bin of Adam: failed: the file has changed meanwhile")
    if os.path.exists("/proc/self/status"):
        send(server, "/proc/self/status", "Eve", status=2, name="so has one that has more than its size says",
             error=r"status to Eve: the file has changed meanwhile")
    else:
        skip(2, "there is no /proc here")
    eve.kill()


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
    path, into = large_file("j.bin", SIZE), new_folder()
    eve = receiver(server, "Eve", into)
    adam = Client(server, "Adam", "--send", path, "--to", "Eve", "-o", "json", "-W", "2")
    adam.out.expect(r'"state":"progress"')
    eve.kill()
    is_(adam.wait(), 11, "a receiver that does not come back")
    like(adam.err.text(), r"j\.bin to Eve: the peer is gone, and has not come back in time", "is named in time")


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
    the_server_is_killed()


run(main)
