#!/usr/bin/env python3
"""The real programs with somebody on the way between them: who flips bits, cuts streams, says lines again, in another
order, to who has said them or in another session, and makes offers weaker.

Every result is an orderly one: an exit status that says what happened, and no message that was not sent. A stride of
CHATSECURE_FAULT_STRIDE bytes, a prime, is between the places where bits are flipped and streams are cut: 1, as in `make
faults`, tries all.
"""

import re

from fake_server import Between
from faults import *

STRIDE = int(os.environ.get("CHATSECURE_FAULT_STRIDE", size(1, 97)))

TO_SERVER, TO_CLIENT = "to the server", "to the client"


# ---- somebody on the way ----

class Way(Between):
    """Hands on what a client and the server say, through change(direction, offset, data); None cuts both off."""

    def __init__(self, server, change=lambda direction, offset, data: data):
        self.passed = {TO_SERVER: 0, TO_CLIENT: 0}
        self.change = change
        super().__init__(server)

    def join(self, client, server):
        self.passed = {TO_SERVER: 0, TO_CLIENT: 0}
        self.copy_with(client, server, TO_SERVER)
        self.copy_with(server, client, TO_CLIENT)

    def copy(self, source, target, direction):
        try:
            while data := source.recv(65536):
                changed = self.change(direction, self.passed[direction], data)
                self.passed[direction] += len(data)
                if changed is None:
                    source.shutdown(socket.SHUT_RDWR)
                    break
                target.sendall(changed)
            target.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def flip(where, place):
    """Flips a bit of the byte number place in that direction."""

    def change(direction, offset, data):
        if direction != where or not offset <= place < offset + len(data):
            return data
        data = bytearray(data)
        data[place - offset] ^= 1 << place % 8
        return bytes(data)

    return change


def cut(where, place):
    """Ends the connection before the byte number place in that direction."""

    def change(direction, offset, data):
        return None if direction == where and offset + len(data) > place else data

    return change


AGAIN, LEFT_OUT, LATER, REFLECTED, SPLICED = (
    "a line said again", "a line left out", "a line after the next", "the other side's line in its place",
    "a line of another session")


class Lines:
    """Treats one line as the kind says. before has the lines of another connection by direction, said those of this."""

    def __init__(self, kind=None, where=None, place=None, before=None):
        self._kind, self._where, self._place, self._before = kind, where, place, before
        self.said, self._rest = {TO_SERVER: [], TO_CLIENT: []}, {TO_SERVER: b"", TO_CLIENT: b""}

    def __call__(self, direction, _, data):
        *lines, self._rest[direction] = (self._rest[direction] + data).split(b"\n")
        out = []
        for line in lines:
            self.said[direction].append(line)
            out += self._instead(line) if direction == self._where else [line]
        return b"".join(line + b"\n" for line in out)

    def _instead(self, line):
        """The lines in the place of the last that was said."""
        said = self.said[self._where]
        number = len(said) - 1
        if self._kind == LATER and number == self._place + 1:
            return [line, said[self._place]]
        if number != self._place:
            return [line]
        if self._kind == AGAIN:
            return [line, line]
        if self._kind == REFLECTED:
            return self.said[TO_CLIENT if self._where == TO_SERVER else TO_SERVER][-1:]
        if self._kind == SPLICED:
            return [self._before[self._where][number]]
        return []


class Receiver:
    """Eve, who takes what comes, and counts."""

    def __init__(self, server):
        self.program = Client(server, "Eve", "--receive", stdin=None)
        server.err.expect(r"Eve is connected")
        self.texts = 0

    def settle(self, sent):
        """Waits until as many texts have come as were sent for sure; gives how many more there are."""
        self.program.out.wait_lines(self.texts + sent)
        lines = self.program.out.so_far().decode().splitlines()
        more = len(lines) - self.texts - sent
        self.texts = len(lines)
        return more, [line for line in lines if not re.fullmatch(r"\[[\d:]+\] \[Adam\]: hello", line)]


def say_hello(way, timeout=2):
    """Adam says hello to Eve; gives the exit status."""
    adam = Client(way, "Adam", "--timeout", str(scaled(timeout)), state=folder("adam"))
    adam.finish("Eve: hello\n")
    status = adam.wait()
    adam.out.bytes()
    return status


def spoil(way, eve, changes, good, name, timeout=2):
    """Spoils the way with each of the changes, pairs of where and what, and looks at each result."""
    odd, statuses = [], {}
    for where, way.change in changes:
        status = say_hello(way, timeout)
        statuses[status] = statuses.get(status, 0) + 1
        if status not in good:
            odd.append("%s: exit status %s" % (where, status))
    way.change = lambda direction, offset, data: data
    is_(say_hello(way), 0, "%s: afterwards a message goes through" % name)
    more, wrong = eve.settle(statuses.get(0, 0) + 1)
    # What has come and whose receipt has not is what the sender cannot know.
    ok(0 <= more <= sum(statuses.values()), "%s: what was delivered has come" % name)
    if not ok(not wrong, "%s: nothing has come that was not sent" % name):
        diag("\n".join(wrong[:5]))
    if not ok(not odd, "%s at %d places: each end is orderly" % (name, sum(statuses.values()))):
        diag("\n".join(odd))
    diag("%s: exit statuses %s" % (name, dict(sorted(statuses.items(), key=str))))


def bytes_of(totals, make):
    """The changes that MAKE makes at bytes of both directions."""
    for where, total in totals.items():
        for place in range(total % STRIDE // 2, total, STRIDE):
            yield "byte %d %s" % (place, where), make(where, place)


def spoiled_bytes(server):
    eve = Receiver(server)
    way = Way(server)
    is_(say_hello(way), 0, "a message goes over a way that does nothing")
    eve.settle(1)
    totals = dict(way.passed)
    ok(min(totals.values()) > 2000, "it takes some thousand bytes each way")
    # 3 the connection, 4 another key, 13 what fails its checks, 5 and 14 what a server may say of an offer that was
    # changed, 11 when the receipt is lost.
    spoil(way, eve, bytes_of(totals, flip), (0, 3, 4, 5, 11, 13, 14), "a bit flipped")
    spoil(way, eve, bytes_of(totals, cut), (0, 3, 11), "the stream cut")
    is_(eve.program.status, None, "Eve has noticed nothing")
    eve.program.signal(15)
    eve.program.wait()


def lines_of(kind, before):
    """The changes of that kind at lines of both directions."""
    for where, lines in before.items():
        for place in range(0, len(lines), size(1, 2)):
            yield "line %d %s" % (place, where), Lines(kind, where, place, before)


def spoiled_lines(server):
    eve = Receiver(server)
    first = Lines()
    way = Way(server, first)
    is_(say_hello(way), 0, "a message goes line by line")
    eve.settle(1)
    ok(min(map(len, first.said.values())) >= 5, "it takes some lines each way")
    for kind in (AGAIN, LEFT_OUT, LATER, REFLECTED, SPLICED):
        spoil(way, eve, lines_of(kind, first.said), (0, 3, 11, 13), kind, timeout=1)
    is_(eve.program.status, None, "Eve has noticed nothing")
    eve.program.signal(15)
    eve.program.wait()


def downgrade(server):
    def offer(change):
        def changed(direction, offset, data):
            return change(data) if direction == TO_SERVER and offset == 0 else data
        return changed

    def answer(change):
        def changed(direction, offset, data):
            return change(data) if direction == TO_CLIENT and offset == 0 else data
        return changed

    strong, weak = ('"%s"' % suite for suite in (AES_256, AES_128))
    both = ("[%s,%s]" % (strong, weak)).encode()
    for change, name in (
            (offer(lambda data: data.replace(both, ("[%s]" % weak).encode())), "an offer of the weaker suite alone"),
            (offer(lambda data: data.replace(both, ("[%s,%s]" % (weak, strong)).encode())), "an offer in other order"),
            (answer(lambda data: data.replace(both, ("[%s]" % weak).encode())), "an answer of the weaker suite alone"),
            (answer(lambda data: data.replace(both, ("[%s,%s]" % (weak, strong)).encode())),
             "an answer in other order"),
            (offer(lambda data: data.replace(b'"version":1', b'"version":0')), "another version")):
        seen = []

        def watch(direction, offset, data, change=change, seen=seen):
            made = change(direction, offset, data)
            seen.append(made != data)
            return made

        status = say_hello(Way(server, watch))
        ok(any(seen), "%s, made on the way" % name)
        ok(status in (5, 13), "is noticed: exit status %s" % status)


def main():
    require_cryptography()
    server = Server(*LIFTED)
    for harm, name in ((spoiled_bytes, "bits flipped and streams cut"), (spoiled_lines, "lines mixed up"),
                       (downgrade, "downgrades")):
        with witnessed(server, name + " on the way"):
            harm(server)
    is_(server.stop(), 0, "the server ends as it should")


run(main)
