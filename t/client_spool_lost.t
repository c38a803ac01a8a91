#!/usr/bin/env python3
"""chatsecure --spool --or-else: what has failed for good gets to the program, whatever was killed before it ran."""

import json
import os
import signal

from harness import *


def sender(server, spool, *options, **keywords):
    return Client(server, "Adam", "--spool", spool, "-o", "json", *options, reconnect=True, **keywords)


def content(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def end_of(client):
    return json.loads(client.out.lines()[-1])


def killed_before_it_ran(server):
    spool, failed = folder("killed"), os.path.join(folder(), "failed")
    command = "cat >> %s; echo $CHATSECURE_STATUS >> %s" % (failed, failed)
    bob = Client(server, "Bob", "--receive", "--from", "Carol", "--debug")
    bob.err.expect("registered as")
    adam = sender(server, spool, "--or-else", command)
    adam.send("Bob: declined\nno message\n: for nobody\nNobody: kept")
    adam.out.expect(r'"line":4,"to":"Nobody","state":"queued"')
    adam.out.expect(r'"line":1,"to":"Bob","state":"failed"')
    adam.kill()
    ok(not os.path.exists(failed), "the program has not run")
    without = sender(server, spool, state=adam.state)
    without.finish("")
    is_(without.wait(), 12, "a run without --or-else has nothing to do with what has failed")
    is_(end_of(without)["kept"], 1, "and one line is kept")
    spoolless = Client(server, "Adam", "-o", "json", state=adam.state)
    spoolless.finish("")
    ok(spoolless.wait() == 0 and "kept" not in end_of(spoolless), "where there is no spool, there is no count of it")

    adam = sender(server, spool, "--or-else", command, state=adam.state)
    adam.finish("Bob: too\n")
    is_(adam.wait(), 6, "the next run with it has the status of those lines")
    got = content(failed).splitlines()
    is_(got, ["Bob: declined", "no message", ": for nobody", "Bob: too", "6"], "the program has them, and its own")
    is_(end_of(adam)["kept"], 1, "what is kept is not among them")
    adam = sender(server, spool, "--or-else", command, state=adam.state)
    adam.finish("")
    is_((adam.wait(), len(content(failed).splitlines())), (12, len(got)), "the run after that has nothing for it")
    bob.kill()


def killed_while_it_runs(server):
    spool, failed, stop = folder("running"), os.path.join(folder(), "both"), os.path.join(folder(), "stop")
    os.mkfifo(stop)
    adam = sender(server, spool, "--or-else", "cat >> %s; echo ran >&2; read x < %s" % (failed, stop))
    adam.finish("no message\n")
    adam.err.expect("^ran$")
    adam.kill()
    with open(stop, "w", encoding="utf-8"):
        pass
    adam = sender(server, spool, "--or-else", "cat >> %s; exit 3" % failed, state=adam.state)
    adam.finish("")
    is_((adam.wait(), content(failed)), (6, "no message\n" * 2), "a program that had not ended has them again")
    adam = sender(server, spool, "--or-else", "cat >> %s" % failed, state=adam.state)
    adam.finish("")
    is_((adam.wait(), content(failed)), (0, "no message\n" * 2), "but not one that had, with whatever status")


def refused_at_once(server):
    """A line that cannot be sent to anybody is never queued."""
    state, failed = folder("trusts"), os.path.join(folder(), "at-once")
    write_file(os.path.join(state, "known_peers"), "Carol SHA256:%s\n" % ("A" * 43))
    for what, kill in (("killed", True), ("not killed", False)):
        options = (folder("at-once-%s" % kill), "--require", "verified", "--or-else", "cat >> " + failed)
        adam = sender(server, *options, state=state)
        adam.send("Carol: in secret")
        adam.out.expect(r'"line":1,"to":"Carol","state":"failed"')
        if kill:
            adam.kill()
            adam = sender(server, *options, state=state)
        adam.finish("")
        is_((adam.wait(), end_of(adam)["kept"]), (4, 0), "%s: to one who is not verified" % what)
        is_(content(failed), "Carol: in secret\n", "is not forgotten either")
        os.remove(failed)


def main():
    server = Server(*LIFTED)
    killed_before_it_ran(server)
    killed_while_it_runs(server)
    refused_at_once(server)


run(main)
