#!/usr/bin/env python3
"""200 clients at once, in pairs, with strangers who come, misbehave and go between them."""

import threading

from harness import *
from wire import *

PAIRS = 100
MESSAGES = 100

errors = []


def guarded(function):
    def call(*arguments):
        try:
            function(*arguments)
        except Exception as error:
            errors.append("%s: %r" % (arguments, error))

    return call


@guarded
def talk(one, other):
    """Both send all, in several writes, and read all of the other's."""

    def send(peer, to):
        for start in range(0, MESSAGES, 20):
            peer.send(*[peer.com(to.name, number) for number in range(start, start + 20)])

    threads = [threading.Thread(target=guarded(send), args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for peer, origin in ((one, other), (other, one)):
        for number in range(MESSAGES):
            message = peer.receive("client-com")
            if (message["src"], message["id"]) != (origin.name, "m%d" % number):
                raise Failure("%s has %s of %s in place of %d" % (peer.name, message["id"], message["src"], number))
    for thread in threads:
        thread.join()


@guarded
def disturb(server, number):
    wire = Wire(server)
    if number % 3 == 0:
        wire.send_line(b"garbage")
        wire.error_code()
    elif number % 3 == 1:
        wire.send_bytes(b'{"type":"conn')
        wire.reset()
        return
    else:
        Peer(server, "U%03d-0" % (number % PAIRS), key="mallory").refused()
    wire.close()


def main():
    require_cryptography()
    server = Server(*LIFTED)
    pairs = [[Peer(server, "U%03d-%d" % (pair, side), key="eve") for side in (0, 1)] for pair in range(PAIRS)]
    for pair in pairs:
        for peer in pair:
            peer.handshake()
    reached("%d clients are connected" % (2 * PAIRS))
    threads = [threading.Thread(target=talk, args=pair) for pair in pairs]
    threads += [threading.Thread(target=disturb, args=(server, number)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    is_(errors, [], "all %d messages arrived, each in its place" % (2 * PAIRS * MESSAGES))
    for pair in pairs:
        for peer in pair:
            peer.settled()
    reached("and nothing else did")
    begun = [threading.Thread(target=guarded(lambda peer: peer.bye()), args=(peer,)) for pair in pairs for peer in pair]
    for thread in begun:
        thread.start()
    for thread in begun:
        thread.join()
    is_(errors, [], "all take their leave at once")
    is_(server.stop(), 0, "the server ends as it should")


run(main)
