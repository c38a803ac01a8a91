"""Many pairs of clients at once exchange many messages each way: nothing is lost, doubled or out of order.

CHATSECURE_TEST_PAIRS and CHATSECURE_TEST_MESSAGES say how many of both, 100 and 1,000 if they are not set and no
checking tool makes the programs slower.
"""

import os

from harness import *

PAIRS = int(os.environ.get("CHATSECURE_TEST_PAIRS", 10 if SLOW > 1 else 100))
MESSAGES = int(os.environ.get("CHATSECURE_TEST_MESSAGES", 100 if SLOW > 1 else 1000))


def text(sender, number):
    return "message %d of %s" % (number, sender)


def main():
    server = Server(*LIFTED)
    names = ["%s%d" % (side, pair) for pair in range(PAIRS) for side in ("left", "right")]
    peer = {name: name.replace("left", "RIGHT") if name.startswith("left") else name.replace("right", "LEFT")
            for name in names}
    clients = {name: Client(server, name, "--count", str(MESSAGES), "--timeout", str(scaled(30))) for name in names}
    for _ in names:
        server.err.expect(r" is connected, ")
    for name, client in clients.items():
        client.feed("".join("%s: %s\n" % (peer[name], text(name, number)) for number in range(MESSAGES)))
    statuses = {name: client.wait() for name, client in clients.items()}
    is_({name: status for name, status in statuses.items() if status != 0}, {}, "all clients end with status 0")

    wrong = []
    for name, client in clients.items():
        sender = peer[name].lower()
        wanted = ["[%s]: %s" % (sender, text(sender, number)) for number in range(MESSAGES)]
        if [line.split(" ", 1)[1] for line in client.out.lines()] != wanted:
            wrong.append(name)
    is_(wrong, [], "each of %d clients printed the %d messages of its peer, in order" % (len(names), MESSAGES))
    is_(server.stop(), 0, "the server ends with status 0")


run(main)
