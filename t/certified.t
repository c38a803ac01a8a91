#!/usr/bin/env python3
"""Certificates of people: what they show, what servers and peers make of it."""

import json
import os
import re
import shutil
import stat
import subprocess

from certificate_maker import *
from harness import *


def person(server, name, *options, identity=None, state=None, certificate=None, **keywords):
    """A client with an identity of its own in its state directory; certificate is a key and a certificate."""
    if certificate is not None:
        options += ("--certificate-key", certificate[0], "--certificate", certificate[1])
    return Client(server, name, *options, state=state or state_with_identity(identity or name.lower()), identity="",
                  **keywords)


def attest_of(client):
    return os.path.join(client.state, "identity.attest")


def ended(client, data=""):
    client.finish(data)
    client.wait()
    return client


def making(server, authority):
    """The attest is made once, and then loaded by itself."""
    certificate = authority.user("Adam")
    first = ended(person(server, "Adam", certificate=certificate))
    is_(first.status, 0, "a certificate in files")
    like(first.err.text(), "certified as Adam; kept in .*identity.attest", "makes an attest, and says so")
    is_(stat.S_IMODE(os.stat(attest_of(first)).st_mode), 0o600, "for nobody else to read")
    kept = read(attest_of(first))
    is_(sorted(json.loads(kept)), ["algorithm", "chain", "signature", "statement"], "as JSON")

    again = ended(person(server, "Adam", state=first.state))
    is_((again.status, again.err.text()), (0, ""), "it is loaded by itself")
    again = ended(person(server, "Adam", state=first.state, certificate=("/none", certificate[1])))
    is_((again.status, again.err.text()), (0, ""), "without the key, also with the options")
    is_(read(attest_of(first)), kept, "and is not made anew")

    other = authority.user("Adam", kind="rsa")
    again = ended(person(server, "Adam", state=first.state, certificate=other))
    is_(again.status, 0, "another certificate")
    unlike(read(attest_of(first)), re.escape(kept), "makes it anew")
    again = ended(person(server, "Adam2", state=first.state))
    like(again.err.text(), "is not shown: it is for another name or key", "it is not shown under another name")
    is_(again.status, 0, "who is not certified then")

    expired = authority.user("Adam", dates=PAST)
    again = ended(person(server, "Adam", state=first.state, certificate=expired))
    is_(again.status, 0, "that a certificate has expired is for others to judge")
    again = ended(person(server, "Adam", state=first.state))
    like(again.err.text(), "is not shown: its certificate has expired", "but it is not shown by itself")

    write_file(os.path.basename(first.state) + "/identity.attest", "{}")
    again = ended(person(server, "Adam", state=first.state))
    is_(again.status, 2, "a file that is damaged is an error")
    like(again.err.text(), "identity.attest is damaged: delete it", "with what helps")
    again = ended(person(server, "Adam", state=first.state, certificate=certificate))
    is_(again.status, 0, "making it anew mends it")


def encrypted(server, authority):
    """A key that a passphrase opens."""
    plain, certificate = authority.user("Adam")
    sealed, secret = new_path(".key"), write_file("certificate-passphrase", "open sesame\n")
    run_tool("openssl", "pkcs8", "-topk8", "-in", plain, "-passout", "file:" + secret, "-out", sealed)
    adam = ended(person(server, "Adam", "--certificate-passphrase-file", secret, certificate=(sealed, certificate)))
    is_(adam.status, 0, "an encrypted key is opened with --certificate-passphrase-file")
    like(adam.err.text(), "certified as Adam", "and makes an attest")
    with open(secret, "rb") as file:
        adam = ended(person(server, "Adam", "--certificate-passphrase-fd", str(file.fileno()),
                            certificate=(sealed, certificate), pass_fds=[file.fileno()]))
    is_(adam.status, 0, "and with --certificate-passphrase-fd")
    write_file("certificate-passphrase", "open barley\n")
    adam = ended(person(server, "Adam", "--certificate-passphrase-file", secret, certificate=(sealed, certificate)))
    is_(adam.status, 1, "not with a wrong one")
    like(adam.err.text(), "cannot use the key .*pass", "which is said")
    adam = ended(person(server, "Adam", "--certificate-passphrase-file", "/none", certificate=(sealed, certificate)))
    is_(adam.status, 1, "nor with a file that is not there")


def wrong_use(server, authority):
    adam, eve = authority.user("Adam"), authority.user("Eve")
    stolen = ended(person(server, "Adam", certificate=(adam[0], eve[1])))
    is_(stolen.status, 1, "a certificate without its key is of no use")
    like(stolen.err.text(), "the private key is not that of the certificate", "and that is said")
    ok(not os.path.exists(attest_of(stolen)), "and nothing is written")
    os.chmod(adam[0], 0o644)
    like(ended(person(server, "Adam", certificate=adam)).err.text(), "chmod 600",
         "a key that others can read is refused")
    os.chmod(adam[0], 0o600)
    missing = ended(person(server, "Adam", certificate=(adam[0], "/none.pem")))
    is_(missing.status, 1, "a certificate that is not there")
    like(missing.err.text(), "cannot use the certificates /none.pem: No such file", "is said")
    for options, why in ((("--certificate", adam[1]), "needs its key"),
                         (("--certificate-key", adam[0]), "needs --certificate"),
                         (("--pin-file", adam[0]), "is for --token"),
                         (("--certificate-passphrase-file", adam[0]), "is for --certificate-key"),
                         (("--certificate", adam[1], "--certificate-key", adam[0], "--token", "pkcs11:a=b"),
                          "in a file or on a token"),
                         (("--certificate-names", "all"), "takes user or any"),
                         (("--require", "all"), "--require takes")):
        client = ended(person(server, "Adam", *options))
        is_(client.status, 1, "%s: usage" % " ".join(options)[:40])
        like(client.err.text(), why, "which is said")


def strict_server(authority, *options):
    return Server("--require-certificate", "--ca", authority.certificate, *options)


def admitted(server, name, certificate, what):
    client = ended(person(server, name, certificate=certificate))
    is_(client.status, 0, "the server lets in: " + what)
    return client


def denied(server, name, certificate, why, what):
    client = ended(person(server, name, certificate=certificate))
    ok(client.status != 0, "the server refuses: " + what)
    server.err.expect("refused with denied: .*" + why)
    return client


def servers(authority):
    server = strict_server(authority)
    admitted(server, "Adam", authority.user("Adam"), "one whose common name it is")
    like(server.err.expect(rb"Adam is certified: [^\n]*").group().decode(), "CN=Adam, by CN=Test CA",
         "the log has subject and issuer")
    admitted(server, "Adam", authority.user("aDAM", kind="rsa"), "in another case, RSA")
    admitted(server, "Adam", authority.user("Adam", kind="ec384"), "P-384")
    admitted(server, "Adam", authority.user("A. Smith", words=("email=adam@example.org",)), "one whose address it is")
    admitted(server, "Adam", authority.user("Card 17", words=("uri=chatsecure:Adam",)), "one whose URI it is")
    denied(server, "Adam", None, "no certificate", "one without")
    denied(server, "Adam", authority.user("Mallory"), "it names somebody else", "Mallory's certificate for Adam")
    denied(server, "Adam", authority.user("A. Smith", words=("email=eve@example.org",)), "it names somebody else",
           "one whose address is another's")
    denied(server, "Adam", authority.user("Adam", words=("uri=chatsecure:Eve",)), "it names somebody else",
           "one whose URI is another's, whatever else it has")
    denied(server, "Adam", authority.user("Adams"), "it names somebody else", "half a name")
    denied(server, "Adam", authority.user("Adam", dates=PAST), "has expired", "an expired one")
    denied(server, "Adam", authority.user("Adam", dates=FUTURE), "not valid yet", "one of the future")
    denied(server, "Adam", Authority("Test CA").user("Adam"), "is not valid", "another authority of the same name")
    key_of, _ = authority.user("Adam")
    usage = authority.sign(key_of, ("cn=Adam", "encryption_key", "tls_www_server"))
    denied(server, "Adam", (key_of, usage), "not for this use", "a server's")
    own = new_path(".crt")
    run_tool("openssl", "req", "-x509", "-new", "-key", key_of, "-subj", "/CN=Adam", "-out", own)
    denied(server, "Adam", (key_of, own), "its issuer is not known here", "a self-signed one")

    (key_of, first), rest = long_chain(authority, 8, lambda last: last.user("Adam"))
    admitted(server, "Adam", (key_of, write_chain(first, *rest)), "a chain of 8")
    denied(server, "Adam", (key_of, first), "its issuer is not known here", "a chain that is cut")
    (key_of, first), rest = long_chain(authority, 9, lambda last: last.user("Adam"))
    nine = ended(person(server, "Adam", certificate=(key_of, write_chain(first, *rest))))
    is_(nine.status, 1, "a chain of 9 does not leave this machine")
    like(nine.err.text(), "at most 8", "and it is said why")

    cards = strict_server(authority, "--certificate-names", "any")
    admitted(cards, "Adam", authority.user("Smith, Adam 1234"), "with --certificate-names any whoever it is")


def copied(server_of, authority):
    """An attest that was copied is of no use to another key."""
    server = server_of(authority)
    adam = ended(person(server, "Adam", certificate=authority.user("Adam")))
    mallory = state_with_identity("mallory")
    shutil.copy(attest_of(adam), os.path.join(mallory, "identity.attest"))
    client = ended(person(server, "Adam", state=mallory))
    ok(client.status != 0, "a copied attest does not let another key in")
    like(client.err.text(), "is not shown: it is for another name or key", "it is not even shown")


def reloading(authority):
    certificate = authority.user("Adam")
    listed = new_path(".crl")
    shutil.copy(authority.revoke(), listed)
    server = strict_server(authority, "--crl", listed)
    admitted(server, "Adam", certificate, "one who is not in the list")
    shutil.copy(authority.revoke(certificate[1]), listed)
    server.signal(1)
    server.err.expect("files were read again")
    denied(server, "Adam", certificate, "was revoked", "and after SIGHUP one who is in it by now")
    with open(listed, "w", encoding="utf-8") as file:
        file.write("nothing\n")
    server.signal(1)
    server.err.expect("the authorities as they were before stay in force")
    denied(server, "Adam", certificate, "was revoked", "a list that cannot be read changes nothing")
    admitted(server, "Eve", authority.user("Eve"), "and the others still come")

    for options, why in ((("--require-certificate",), "needs --ca"), (("--ca", listed), "give --require-certificate"),
                         (("--certificate-names", "x"), "takes user or any")):
        wrong = Server(*options, ready=False)
        is_(wrong.wait(), 1, "%s: usage" % " ".join(options)[:30])
        like(wrong.err.text(), why, "which is said")
    wrong = Server("--require-certificate", "--ca", listed, ready=False)
    is_(wrong.wait(), 2, "authorities that cannot be read")
    like(wrong.err.text(), "cannot read the authorities of ", "are said at the start")


def talk(server, adam, eve, eve_options=(), adam_options=()):
    """Adam sends Eve a line; gives both clients when Adam has ended."""
    receiver = person(server, "Eve", "--receive", *eve_options, certificate=eve)
    receiver.close_stdin()
    server.err.expect("Eve is connected")
    sender = ended(person(server, "Adam", *adam_options, certificate=adam), "Eve: hello\n")
    receiver.signal(15)
    receiver.wait()
    return sender, receiver


def whois(server, authority, dates=None):
    """What Adam is told of Eve, who has a certificate for these dates."""
    eve = authority.user("Eve", dates=dates) if dates else authority.user("Eve")
    receiver = person(server, "Eve", "--receive", certificate=eve)
    server.err.expect("Eve is connected")
    asking = ended(person(server, "Adam", "--ca", authority.certificate), "whois Eve\n")
    receiver.signal(15)
    receiver.wait()
    return asking.out.text()


def peers(authority):
    server = Server()
    ca = ("--ca", authority.certificate)
    adam, eve = authority.user("Adam"), authority.user("Eve", kind="rsa")
    sender, receiver = talk(server, adam, eve, ca, ca + ("--require", "certified"))
    is_(sender.status, 0, "two who are certified talk")
    like(receiver.err.text(), "Adam is certified: CN=Adam, by CN=Test CA", "the receiver is told by whom")
    like(sender.err.text(), "Eve is certified: CN=Eve, by CN=Test CA", "and so is the sender")
    is_(receiver.out.text().count("hello"), 1, "and the message came")

    sender, receiver = talk(server, None, None, ca, ca)
    is_(sender.status, 0, "and two who are not")
    sender, _ = talk(server, adam, None, ca, ca)
    is_(sender.status, 0, "and one who is with one who is not")
    sender, receiver = talk(server, adam, None, ca, ca + ("--require", "certified"))
    is_(sender.status, 4, "unless --require certified is given")
    like(sender.err.text(), "Eve is not certified, and --require certified is given", "and that is said")
    unlike(receiver.out.text(), "hello", "and nothing was sent")
    sender, _ = talk(server, adam, authority.user("Mallory"), ca, ca + ("--require", "certified"))
    is_(sender.status, 4, "another's certificate will not do")
    like(sender.err.text(), "the certificate of Eve is not valid: it names somebody else", "and that is said")
    sender, _ = talk(server, adam, authority.user("Mallory"), ca, ca + ("--require", "certified",
                                                                     "--certificate-names", "any"))
    is_(sender.status, 0, "with --certificate-names any it will")

    sender, receiver = talk(server, adam, authority.user("Eve", dates=PAST), ca, ca)
    is_(sender.status, 0, "one who is not valid counts as not certified")
    is_(len(re.findall("the certificate of Eve is not valid: a certificate of it has expired", sender.err.text())), 1,
        "which is said once")
    sender, receiver = talk(server, adam, eve)
    is_(sender.status, 0, "and so does everybody without --ca")
    like(sender.err.text(), "the certificate of Eve is not valid: no authority is known here: give --ca FILE",
         "which is said with what helps")
    like(whois(server, authority), r"^Eve certificate valid\nEve subject CN=Eve\nEve issuer CN=Test CA$",
         "whois shows subject and issuer")
    like(whois(server, authority, PAST), r"^Eve certificate invalid: a certificate of it has expired$",
         "of an expired one, too, and why")
    revoked = authority.user("Eve")
    sender, _ = talk(server, adam, revoked, ca, ca + ("--crl", authority.revoke(revoked[1]), "--require", "certified"))
    is_(sender.status, 4, "one who was revoked")


def described(authority):
    server = Server()
    ca = ("--ca", authority.certificate)
    receivers = []
    for name, dates in (("Eve", {}), ("Mallory", {"dates": PAST})):
        receivers.append(person(server, name, "--receive", certificate=authority.user(name, **dates)))
        receivers[-1].close_stdin()
        server.err.expect("%s is connected" % name)
    asker = ended(person(server, "Adam", *ca), "whois Eve\nwhois Mallory\n")
    is_(asker.status, 0, "whois of two who are certified")
    like(asker.out.text(), r"^Eve certificate valid\nEve subject CN=Eve\nEve issuer CN=Test CA$",
         "shows subject and issuer")
    like(asker.out.text(), r"^Mallory certificate invalid: a certificate of it has expired\n"
         r"Mallory subject CN=Mallory\nMallory issuer CN=Test CA$", "and why one is not valid")
    asker = ended(person(server, "Adam"), "whois Eve\n")
    like(asker.out.text(), "^Eve certificate invalid: no authority is known here", "without --ca none is")


def forge(path, change):
    with open(path, encoding="utf-8") as file:
        attest = json.load(file)
    change(attest)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(attest, file)


def flip(attest):
    """Another signature of the same length."""
    text = attest["signature"]
    attest["signature"] = text[:8] + ("A" if text[8] != "A" else "B") + text[9:]


def forgeries(authority):
    """Statement and key are right, the signature is not."""
    server = Server()
    ca = ("--ca", authority.certificate)
    state = ended(person(server, "Eve", certificate=authority.user("Eve", kind="rsa"))).state
    server.err.expect("Eve is gone")
    forge(os.path.join(state, "identity.attest"), flip)
    receiver = person(server, "Eve", "--receive", state=state)
    receiver.close_stdin()
    server.err.expect("Eve is connected")
    sender = ended(person(server, "Adam", *ca), "Eve: hello\n")
    is_(sender.status, 4, "a wrong signature is refused")
    like(sender.err.text(), "the certificate of Eve is not its own: the statement was not signed by the certificate's",
         "as a lie")
    receiver.signal(15)
    receiver.wait()
    unlike(receiver.out.text(), "hello", "and nothing was sent")
    strict = strict_server(authority)
    client = ended(person(strict, "Eve", state=state))
    ok(client.status != 0, "a server that looks refuses it too")
    strict.err.expect("refused with denied: .*not signed by the certificate's key")


def recipes():
    """A small authority, by what the manual page says, word for word but for the host."""
    with open(os.path.join(SOURCE, "man", "chatsecure.1"), encoding="utf-8") as file:
        text = file.read().split("\n.Ss A small authority\n", 1)[1].split("\n.Ss ", 1)[0]
    certtool, openssl = re.findall(r"^\.Bd -literal.*\n((?:[^.].*\n|\n)*)^\.Ed$", text.replace("\\e", "\\"), re.M)
    place = folder("recipes")
    shutil.copy(key("relay"), os.path.join(place, "identity.pem"))
    for script in (certtool, openssl.replace("DNS:relay.example", "IP:127.0.0.1")):
        done = subprocess.run(["sh", "-ec", script], cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, timeout=DEADLINE, check=False)
        is_(done.returncode, 0, "a recipe of the manual asks for nothing and works") or diag(done.stderr[-500:])
    ca = ("--ca", os.path.join(place, "ca.pem"), "--crl", os.path.join(place, "crl.pem"))
    server = Server("--require-certificate", "--certificate", os.path.join(place, "relay.pem"), *ca)
    own = [os.path.join(place, "adam" + end) for end in (".key", ".pem")]
    client = ended(person(server, "Adam", *ca, certificate=own))
    is_(client.status, 0, "what they make is good for the server and the user") or diag(client.err.text())


def main():
    require_tools("certtool", "openssl")
    authority = Authority("Test CA")
    server = Server()
    making(server, authority)
    encrypted(server, authority)
    wrong_use(server, authority)
    servers(authority)
    copied(strict_server, authority)
    reloading(authority)
    peers(authority)
    described(authority)
    forgeries(authority)
    recipes()


run(main)
