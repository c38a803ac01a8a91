#!/usr/bin/env python3
"""chatsecure-server: the table of exit statuses, as in the manual, with a recipe for each."""

import os
import subprocess

from exit_table import Table
from harness import *
from harness import SERVER

table = Table("man/chatsecure-server.8")
row, ends = table.row, table.ends


def command(state, *words):
    """`chatsecure-server WORDS...`"""
    return Process([SERVER, "--state-dir", state, "--config", "/dev/null", "--listen", "127.0.0.1:0", *words],
                   stdin=subprocess.DEVNULL)


@row(0)
def asked_to_end(state):
    """The server was asked to end, or the command has done what was asked for."""
    server = Server(state=state)
    ends(command(state, "users"), 0)
    is_(server.stop(), 0, "0: a server that is asked to end")
    ends(command(folder("new"), "keygen"), 0)
    ends(command(folder("new"), "fingerprint"), 0)
    ends(command(state, "users", "--json"), 0)


@row(1)
def usage(state):
    """The command line or the configuration file is wrong."""
    ends(command(state, "--nonsense"), 1, r"^chatsecure-server: there is no option --nonsense")
    ends(command(state, "dance"), 1, r"^chatsecure-server: ")
    ends(command(state, "--max-clients", "many"), 1, r"--max-clients")
    wrong = write_file("wrong.conf", "max-clients = many\n")
    ends(command(state, "--config", wrong), 1, r"wrong\.conf")


@row(2)
def cannot_start(state):
    """The server cannot start, or a command could not do what was asked for."""
    ends(command(state, "--key", "/nonexistent/key.pem"), 2, r"/nonexistent/key\.pem")
    ends(command("/dev/null/x"), 2, r"/dev/null/x")
    server = Server(state=state)
    ends(command(state), 2, r"in use by another chatsecure-server")
    ends(command(folder("second"), "--listen", server.address), 2, r"cannot listen on .*: Address already in use")
    is_(server.stop(), 0, "the first is not disturbed")
    damaged = folder("damaged")
    write_file(os.path.join(damaged, "registry.db"), "this is no registry\n" * 100)
    ends(command(damaged, "--listen", "127.0.0.1:0"), 2, r"registry")
    ends(command(folder("empty"), "users"), 2, r"there is no registry in")


@row(3)
def no_such_name(state):
    """There is no such name in the registry."""
    ends(command(state, "user", "remove", "Nobody"), 3, r"Nobody")


def main():
    state = folder("state")
    table.run(state)


run(main)
