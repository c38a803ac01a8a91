#!/usr/bin/env python3
"""chatsecure when it is killed in mid-handshake and started again: what was meant for the one before it is no answer to
its own offer."""

import signal

from harness import *

KILLED = 12


def relayed(server, phase):
    """How many phases of that number have passed the relay."""
    return server.err.so_far().count(b"client-connect %d to" % phase)


def wait_relayed(server, phase, count):
    server.err.wait_for(lambda: relayed(server, phase) >= count or None, "phase %d" % phase, None)


def ends_well(adam, what):
    is_(adam.wait(), 0, what)
    unlike(adam.out.text(), '"type":"peer".*"violation"', "nothing was wrong with its handshake")


def answered_all_at_once(server, eve, what, *options):
    """The peer is stopped, so that everyone who is killed has an offer on its way; the last client gets all answers."""
    state, offers, proofs = folder("state-" + what), relayed(server, 1), relayed(server, 3)
    eve.signal(signal.SIGSTOP)
    for number in range(KILLED + 1):
        adam = Client(server, "Adam", *options, "--to", "Eve", "-o", "json", "--debug", state=state)
        adam.send("line %d" % number)
        wait_relayed(server, 1, offers + number + 1)
        if number < KILLED:
            adam.kill()
    eve.signal(signal.SIGCONT)
    adam.close_stdin()
    ends_well(adam, "%s: after many that were killed with their offer on its way one is content" % what)
    is_(relayed(server, 3) - proofs, 1, "and there was one")
    like(adam.err.text(), "given up: ignored, %d so far" % KILLED, "its log counts what it has ignored")


def killed_in_each_phase(server, what, *options):
    """The peer is there: clients are killed when one or another phase has passed the relay."""
    state = folder("state-" + what)
    for number in range(KILLED):
        phase = number % 4 + 1
        before = relayed(server, phase)
        adam = Client(server, "Adam", *options, "--to", "Eve", "-o", "json", state=state)
        adam.send("line %d" % number)
        wait_relayed(server, phase, before + 1)
        adam.kill()
    adam = Client(server, "Adam", *options, "--to", "Eve", "-o", "json", state=state)
    adam.finish("the last\n")
    ends_well(adam, "%s: after many that were killed in each phase one is content" % what)


def main():
    server = Server("--debug", *LIFTED)
    eve = Client(server, "Eve", "--receive", "--debug", reconnect=True)
    eve.err.expect(r"registered as")
    for what, options in (("without a spool", ()), ("with a spool", ("--spool", folder("spool")))):
        answered_all_at_once(server, eve, what, *options)
        killed_in_each_phase(server, what, *options)
    eve.kill()
    unlike(eve.err.text(), r"failed its checks", "the peer has found nothing wrong")


run(main)
