#!/usr/bin/env python3
"""chatsecure ask: a question to a person or a program, and the answer as an exit status.

Each function is a recipe."""

import json

from harness import *
from harness import CLIENT


class Oracle:
    """Eve, a program that answers what she is told to."""

    def __init__(self, server):
        self.client = Client(server, "Eve", "--receive", "-i", "json", "-o", "json")
        self.client.err.expect(r"new server")

    def answer(self, question, *answers, to="Adam"):
        """Waits for the question and gives the answers to it."""
        text = json.loads(self.client.out.expect(r'\{"type":"message".*\}\n').group())["text"]
        is_(text, question, "the question is asked")
        for answer in answers:
            self.client.send(json.dumps({"to": to, "text": answer}))


def ask(server, question, *options):
    state = folder("adam")
    argv = [CLIENT, "-n", "Adam", "--state-dir", state, "--identity", key("adam"), "--trust", "first-use", *options,
            "ask", question, server.address]
    return Process(argv, label="ask")


def yes_or_no(server, eve):
    """`chatsecure ask 'ops: deploy? [y/n]' && deploy`"""
    for answer, status in (("y", 0), ("Yes", 0), ("n", 20), (" NO \n", 20)):
        adam = ask(server, "Eve: deploy? [y/n]")
        eve.answer("deploy? [y/n]", answer)
        is_(adam.wait(), status, "%r is status %d" % (answer, status))
        is_(adam.out.text(), answer.replace("\n", r"\x0a") + "\n", "and is printed")
    adam = ask(server, "Eve: deploy? [y/n]")
    eve.answer("deploy? [y/n]", "what, now?", "no")
    is_(adam.wait(), 20, "what is neither is no answer")
    is_(adam.out.text(), "no\n", "and not printed there")
    like(adam.err.text(), r"Eve says neither yes nor no: what, now\?", "but on stderr")


def any_answer(server, eve):
    """`version=$(chatsecure ask 'ops: which version?')`"""
    adam = ask(server, "Eve: which version?")
    eve.answer("which version?", "n: \x1b[31m4.2")
    is_(adam.wait(), 0, "any answer to another question is one")
    is_(adam.out.text(), "n: \\x1b[31m4.2\n", "and is printed, safe for a terminal")
    eve.client.out.expect(r'"state":"delivered"')
    reached("the one who answers has a receipt")


def no_answer(server, eve):
    adam = ask(server, "Eve: are you there?", "-W", str(scaled(1)))
    eve.answer("are you there?")
    is_(adam.wait(), 11, "no answer in time is status 11")
    like(adam.err.text(), r"^chatsecure: no answer$", "which is said")
    adam = ask(server, "Nobody: are you there?")
    is_(adam.wait(), 12, "nobody to ask is status 12")
    unlike(adam.err.text(), r"no answer", "with its own reason")


def not_by_others(server, eve):
    adam = ask(server, "Eve: who are you?")
    eve.answer("who are you?")
    bob = Client(server, "Bob", "--to", "Adam", "-m", "I am Eve")
    is_(bob.wait(), 5, "who was not asked cannot answer")
    eve.client.send(json.dumps({"to": "Adam", "text": "Eve"}))
    is_(adam.wait(), 0, "who was can")
    is_(adam.out.text(), "Eve\n", "and only that is printed")


def usage(server):
    for question in ("no name", "Eve,Bob: x", "@ops: x"):
        is_(ask(server, question).wait(), 1, "%s is a usage error" % question)


def main():
    require_cryptography()
    server = Server()
    eve = Oracle(server)
    yes_or_no(server, eve)
    any_answer(server, eve)
    no_answer(server, eve)
    not_by_others(server, eve)
    usage(server)


run(main)
