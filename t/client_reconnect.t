#!/usr/bin/env python3
"""chatsecure and a connection that is lost: it is made again, and nothing is lost or doubled.

Each function is a recipe."""

import json
import signal

from harness import *
from fake_server import FakeServer
from wire import Identity


def client(server, name, *options, **keywords):
    return Client(server, name, *options, reconnect=True, **keywords)


def receiver(server, name, *options):
    made = client(server, name, "--receive", *options)
    made.err.expect(r"new server")
    return made


def restart(server):
    """The relay dies, and another is there at its address."""
    server.kill()
    return Server(listen=(server.address,), state=server.state)


def numbers(receiver):
    return [int(line.split(": ")[1]) for line in receiver.out.so_far().decode().splitlines()]


def the_relay_is_restarted():
    """A log that is followed, and a relay that is killed three times meanwhile."""
    server = Server()
    eve = receiver(server, "Eve")
    adam = client(server, "Adam", "--to", "Eve", "-o", "json", "-W", str(scaled(50)))
    total = 0
    for part in range(4):
        adam.send("".join("%d\n" % (total + number) for number in range(100)))
        total += 100
        if part < 3:
            eve.out.wait_lines(total - 90)
            server = restart(server)
            adam.out.expect(r'"type":"reconnected"')
    adam.finish("%d\n" % total)
    is_(adam.wait(), 0, "every line is delivered")
    eve.out.wait_lines(total + 1)
    is_(numbers(eve), list(range(total + 1)), "once, and in order")
    events = [json.loads(line) for line in adam.out.lines()]
    is_([event["type"] for event in events if event["type"] in ("ready", "disconnected", "reconnected", "end")],
        ["ready"] + 3 * ["disconnected", "reconnected"] + ["end"], "the events tell of it")
    is_([events[-1][name] for name in ("sent", "delivered", "failed")], [total + 1, total + 1, 0], "and the totals")
    like(adam.err.text(), r"(?s)was lost.*; connecting again\n.*: connected to \S+ again\n", "stderr does too")
    eve.signal(signal.SIGTERM)
    is_(eve.wait(), 0, "a receiver that was away has status 0")


def the_peer_is_later():
    """Who comes back first waits for the other."""
    server = Server()
    eve = receiver(server, "Eve")
    adam = client(server, "Adam", "--to", "Eve", "--debug")
    adam.send("before")
    eve.out.expect(r"\[Adam\]: before\n")
    eve.signal(signal.SIGSTOP)
    adam.send("in flight")
    adam.err.expect(r"line 2 is for Eve")
    server = restart(server)
    adam.err.expect(r"connected to \S+ again")
    adam.err.expect(r"the server refused something: no-such-user")
    eve.signal(signal.SIGCONT)
    adam.finish("after\n")
    is_(adam.wait(), 0, "a peer who is back later has the message")
    eve.out.wait_lines(3)
    is_([line.split(": ")[1] for line in eve.out.so_far().decode().splitlines()], ["before", "in flight", "after"],
        "once")
    eve.kill()
    server.stop()


def never_after_a_refusal():
    fake = FakeServer()
    adam = client(fake, "Adam", "--to", "Eve")
    adam.send("lost")
    session = fake.accept().handshake()
    session.receive("client-connect")
    session.close()
    session = fake.accept()
    session.take_phase1()
    session.send_line({"type": "error", "code": "name-taken", "text": "somebody else has it"})
    is_(adam.wait(), 14, "a name that is refused is refused for good")
    like(adam.err.text(), r"(?s)refused: .*^chatsecure: line 1 to Eve: no receipt", "and the line in flight is named")

    adam = client(fake, "Adam", "--receive")
    fake.accept().handshake().close()
    fake.identity = Identity("mallory")
    session = fake.accept()
    session.take_phase1()
    session.send_line(session.phase2())
    is_(adam.wait(), 4, "so is a key that has changed")
    like(adam.err.text(), r"has changed", "which is said")

    fake = FakeServer()
    adam = client(fake, "Adam", "--receive")
    session = fake.accept().handshake()
    session.send({"type": "bye", "reason": "replaced"})
    is_(adam.wait(), 14, "and a name that was taken over")
    like(adam.err.text(), r"has taken the name over", "which is said")


def not_for_ever():
    """A job must end."""
    fake = FakeServer()
    adam = client(fake, "Adam", "--to", "Eve", "-m", "x", "-W", str(scaled(1)), "-o", "json")
    session = fake.accept().handshake()
    session.receive("client-connect")
    fake.close()
    session.close()
    is_(adam.wait(), 3, "a sender gives up after --timeout")
    like(adam.err.text(), r"^chatsecure: line 1 to Eve: no receipt before the connection", "and names the line")
    is_([event["state"] for event in map(json.loads, adam.out.lines()) if event["type"] == "status"],
        ["queued", "failed"], "once")

    fake = FakeServer()
    adam = client(fake, "Adam", "--to", "Eve", "-W", str(scaled(1)))
    session = fake.accept().handshake()
    fake.close()
    session.close()
    adam.err.expect(r"connecting again")
    adam.send("unread")
    is_(adam.wait(), 3, "also when nothing is on its way")
    like(adam.err.text(), r"line 1 and what follows it: not sent", "and what was not read is named")

    fake = FakeServer()
    eve = client(fake, "Eve", "--receive", "-W", str(scaled(1)))
    fake.accept().handshake().close()
    fake.accept().handshake().close()
    eve.err.expect(r"(?s)connecting again.*connected to.*connecting again")
    eve.signal(signal.SIGTERM)
    is_(eve.wait(), 0, "a receiver tries for ever, until it is told to end")

    fake = FakeServer()
    adam = client(fake, "Adam", "--to", "Eve", "-m", "x", "--no-reconnect")
    fake.accept().handshake().close()
    is_(adam.wait(), 3, "with --no-reconnect the loss is the end")


def another_takes_over():
    """A relay that says that it restarts."""
    fake = FakeServer()
    adam = client(fake, "Adam", "--to", "Eve", "--debug")
    adam.send("kept")
    session = fake.accept().handshake()
    session.receive("client-connect")
    session.send({"type": "bye", "reason": "restart"})
    adam.err.expect(r"ended the session: restart; connecting again in 0 ms")
    reached("a client comes back to it at once")
    session = fake.accept()
    session.take_phase1()
    session.send_line({"type": "error", "code": "busy", "text": "so many at once"})
    adam.err.expect(r"refused: .*; connecting again in [12]\d\d ms")
    reached("where there is no room for all at once it tries again, but not at once")
    session = fake.accept().handshake()
    session.receive("client-connect")
    reached("and goes on where it was")
    session.send({"type": "bye", "reason": "shutdown"})
    adam.err.expect(r"ended the session: shutdown; connecting again in [12]\d\d ms")
    reached("a server that ends is given time")
    adam.kill()

    adam = client(fake, "Adam", "--to", "Eve", "-m", "x")
    session = fake.accept()
    session.take_phase1()
    session.send_line({"type": "error", "code": "busy", "text": "no room"})
    is_(adam.wait(), 5, "who was not connected before is refused for good")


def main():
    require_cryptography()
    the_relay_is_restarted()
    the_peer_is_later()
    never_after_a_refusal()
    not_for_ever()
    another_takes_over()


run(main)
