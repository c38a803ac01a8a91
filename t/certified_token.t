#!/usr/bin/env python3
"""Certificates on PKCS#11 tokens, with SoftHSM."""

import contextlib
import json
import os
import shutil
import tempfile

from certificate_maker import *
from harness import *

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/lib64/libsofthsm2.so",
           "/usr/lib/pkcs11/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so")
PIN = "271828"


class Token:
    """A token of its own in the test's folder, with what softhsm2-util imports."""

    def __init__(self, module, mechanisms=None):
        self.module = module
        self.folder = tempfile.mkdtemp(prefix="token-", dir=folder())
        config = "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n" % self.folder
        if mechanisms:
            config += "slots.mechanisms = %s\n" % mechanisms
        self.env = environment(SOFTHSM2_CONF=write_file(os.path.basename(self.folder) + ".conf", config))
        self.keys = 0
        self.run("softhsm2-util", "--init-token", "--free", "--label", "card", "--pin", PIN, "--so-pin", "314159")

    def run(self, *command):
        run_tool(*command, "--module", self.module, env=self.env)

    def put(self, label, key_and_certificate):
        private_key, certificate = key_and_certificate
        self.keys += 1
        number = "%02x" % self.keys
        pkcs8 = new_path(".key")
        run_tool("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", private_key, "-out", pkcs8)
        self.run("softhsm2-util", "--import", pkcs8, "--token", "card", "--label", label, "--id", number, "--pin", PIN)
        if certificate is not None:
            run_tool("p11tool", "--provider", self.module, "--login", "--write", "--load-certificate", certificate,
                     "--label", label, "--id", number, "pkcs11:token=card", env=dict(self.env, GNUTLS_PIN=PIN))

    def url(self, label):
        return "pkcs11:token=card;object=%s?module-path=%s" % (label, self.module)

    def pull_out(self):
        shutil.rmtree(self.folder)
        os.mkdir(self.folder)


@contextlib.contextmanager
def pipe_of(text):
    """The path of a pipe with the text in it: whoever opens it again finds what is left."""
    path = os.path.join(folder(), "pipe")
    os.mkfifo(path)
    fd = os.open(path, os.O_RDWR)
    try:
        os.write(fd, text.encode())
        yield path
    finally:
        os.close(fd)


def card_client(server, token, label, *options, pin=PIN, pin_file=None, state=None):
    state = state or state_with_identity("adam")
    pin_file = pin_file or write_file(os.path.basename(state) + ".pin", pin + "\n")
    client = Client(server, "Adam", "--token", token.url(label), "--pin-file", pin_file, *options, state=state,
                    identity="", env=token.env)
    client.finish()
    client.wait()
    return client


def attest_of(client):
    return os.path.join(client.state, "identity.attest")


def works(server, token, label, algorithm, *options):
    client = card_client(server, token, label, *options)
    if not is_(client.status, 0, "a client with the card %s is let in" % label):
        diag(client.err.text())
        return client
    with open(attest_of(client), encoding="utf-8") as file:
        is_(json.load(file)["algorithm"], algorithm, "having signed by " + algorithm)
    return client


def fails(server, token, label, why, what, **keywords):
    client = card_client(server, token, label, **keywords)
    is_(client.status, 1, what + " is an error")
    like(client.err.text(), why, "which is said")
    ok(not os.path.exists(attest_of(client)), "and nothing is written")
    return client


def pulled_out(server, module, authority):
    token = Token(module)
    token.put("rsa", authority.user("Adam", kind="rsa"))
    client = works(server, token, "rsa", "RSA-PSS-SHA256")
    token.pull_out()
    again = card_client(server, token, "rsa", state=client.state)
    is_((again.status, again.err.text()), (0, ""), "without the card the kept attest does")
    again = Client(server, "Adam", state=client.state, identity="")
    again.finish()
    is_(again.wait(), 0, "and without the options")
    fails(server, token, "rsa", "the token, or the key or certificate on it, is not there", "no card at the first time")


def pins(server, token):
    client = fails(server, token, "rsa", "wrong PIN", "a wrong PIN", pin="1234")
    unlike(client.err.text(), "1234", "without the PIN itself")
    with pipe_of("1234\n%s\n" % PIN) as path:
        fails(server, token, "rsa", "wrong PIN", "a wrong PIN before the right one", pin_file=path)
    fails(server, token, "rsa", "the token needs a PIN", "an empty PIN", pin="")
    works(server, token, "rsa", "RSA-PSS-SHA256")


def asked(server, token):
    """On a terminal the PIN is asked for, and not shown."""
    state = state_with_identity("adam")
    terminal = Terminal(server, "Adam", "--token", token.url("ec"), "--trust", "first-use", state=state, identity="",
                        env=token.env)
    terminal.expect("PIN of card: ")
    terminal.type("12345\r")
    terminal.expect("Wrong. PIN of card: ")
    terminal.type(PIN + "\r")
    terminal.expect("certified as Adam")
    terminal.type("exit\r")
    is_(terminal.wait(), 0, "the PIN is asked for, and again after a wrong one")
    unlike("\n".join(terminal.screen()), PIN + "|12345", "and is not shown")


def urls(server, token):
    for url, why in (("pkcs11:token=card;object=rsa?pin-value=" + PIN, "one with a PIN in it"),
                     ("file:/card", "not a pkcs11: URL"),
                     ("pkcs11:token=card?module-path=/none.so", "the PKCS#11 module cannot be loaded"),
                     ("pkcs11:token=other;object=rsa?module-path=" + token.module, "is not there"),
                     ("pkcs11:token=card;object=none?module-path=" + token.module, "is not there")):
        state = state_with_identity("adam")
        client = Client(server, "Adam", "--token", url, "--pin-file", write_file("pin", PIN + "\n"), state=state,
                        identity="", env=token.env)
        client.finish()
        is_(client.wait(), 1, "the token " + url.split("?", maxsplit=1)[0])
        like(client.err.text(), why, "is refused: " + why)


def main():
    require_tools("certtool", "openssl", "softhsm2-util", "p11tool")
    module = next((path for path in MODULES if os.path.exists(path)), None)
    if module is None:
        skip_all("libsofthsm2.so is not where it usually is")
    authority = Authority("Card CA")
    server = Server("--require-certificate", "--ca", authority.certificate)
    token = Token(module)
    bare, certificate = authority.user("Adam")
    token.put("rsa", authority.user("Adam", kind="rsa"))
    token.put("ec", authority.user("Adam"))
    token.put("ec384", authority.user("Adam", kind="ec384"))
    token.put("bare", (bare, None))
    works(server, token, "rsa", "RSA-PSS-SHA256")
    works(server, token, "ec", "ECDSA-SHA256")
    works(server, token, "ec384", "ECDSA-SHA384")
    works(server, token, "bare", "ECDSA-SHA256", "--certificate", certificate)
    fails(server, token, "bare", "is not there", "a card without a certificate")

    old = Token(module, "CKM_RSA_PKCS,CKM_SHA256_RSA_PKCS,CKM_SHA256,CKM_RSA_PKCS_KEY_PAIR_GEN")
    old.put("rsa", authority.user("Adam", kind="rsa"))
    works(server, old, "rsa", "RSA-PKCS1-SHA256")

    pins(server, token)
    asked(server, token)
    urls(server, token)
    pulled_out(server, module, authority)


run(main)
