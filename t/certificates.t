#!/usr/bin/env python3
"""Certificates of servers: what replaces the question, and what is refused."""

import os
import re
import shutil

from certificate_maker import *
from harness import *
from harness import CLIENT

WRONG_KEY = "SHA256:" + "A" * 43


def connect(server, *options, **keywords):
    keywords.setdefault("trust", None)
    client = Client(server, "Adam", *options, **keywords)
    client.finish()
    client.wait()
    return client


def refused(client, why, name):
    is_(client.status, 4, name + " is refused")
    like(client.err.text(), "the certificate of the server .* is not valid: " + why, "and it is said why")
    is_(client.out.text(), "", "and nothing else happens")


def valid(authority):
    server = Server("--certificate", authority.server(key("relay")))
    client = connect(server, "--ca", authority.certificate)
    is_(client.status, 0, "a valid certificate replaces the question")
    is_(client.err.text(), "", "without a word")
    ok(not os.path.exists(os.path.join(client.state, "known_servers")), "and is not noted")
    if resolves("localhost"):
        client = connect("localhost:%d" % server.port, "--ca", authority.certificate)
        is_(client.status, 0, "for the other name of the host too")
    else:
        skip(1, "localhost has no address here")
    refused(connect(server), "its issuer is not known here", "without --ca it")
    like(connect(server).err.text(), "--ca.*--fingerprint", "and what would help is said")

    client = connect(server, "--fingerprint", server.fingerprint)
    is_(client.status, 0, "--fingerprint decides without the certificate")
    client = connect(server, "--ca", authority.certificate, "--fingerprint", WRONG_KEY)
    is_(client.status, 4, "also against it")

    known = connect(server, "--fingerprint", server.fingerprint).state
    client = connect(server, state=known)
    is_(client.status, 0, "a known key does although nobody here knows the issuer")
    is_(len(re.findall("issuer that is not known here", client.err.text())), 1, "and that is said once")
    client = connect(server, "--ca", authority.certificate, state=known)
    is_((client.status, client.err.text()), (0, ""), "and not if it is known")

    with open(os.path.join(known, "known_servers"), "w", encoding="utf-8") as file:
        file.write("%s %s\n" % (server.address, WRONG_KEY))
    client = connect(server, "--ca", authority.certificate, state=known)
    is_(client.status, 4, "a changed key is refused whatever its certificate")
    like(client.err.text(), "has changed", "as changed")


def kept_from(authority, words, why, name, dates=NOW, usage=("encryption_key", "tls_www_server"), crl=None):
    """A server whose certificate is not valid, also for one who knows its key."""
    certificate = authority.server(key("relay"), words, dates, usage)
    server = Server("--certificate", certificate)
    options = ["--ca", authority.certificate]
    if crl is not None:
        options += ["--crl", crl(certificate)]
    refused(connect(server, *options), why, name)
    known = connect(server, "--fingerprint", server.fingerprint).state
    refused(connect(server, *options, state=known), why, name + ", of a known key,")
    return server


def invalid(authority):
    good = ("dns_name=localhost", "ip_address=127.0.0.1")
    kept_from(authority, good, "a certificate of it has expired", "an expired one", dates=PAST)
    kept_from(authority, good, "a certificate of it is not valid yet", "one of the future", dates=FUTURE)
    kept_from(authority, ("dns_name=other.example",), "the certificate is for another host", "another host's")
    kept_from(authority, good, "the certificate is not for this use", "a person's",
              usage=("signing_key", "tls_www_client"))
    kept_from(authority, good, "a certificate of it was revoked", "a revoked one", crl=authority.revoke)
    kept_from(authority, good, "the list of what its issuer has revoked is out of date", "one under an old list",
              crl=lambda _: old_list(authority))
    kept_from(authority, good, "there is no list of what its issuer has revoked", "one under somebody else's list",
              crl=lambda _: Authority("Somebody").revoke())
    server = Server("--certificate", authority.server(key("relay")))
    client = connect(server, "--ca", authority.certificate, "--crl", authority.revoke())
    is_(client.status, 0, "one under a list that does not have it is good")

    own = new_path(".crt")
    run_tool("openssl", "req", "-x509", "-new", "-key", key("relay"), "-subj", "/CN=relay", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE", "-out", own)
    server = Server("--certificate", own)
    refused(connect(server, "--ca", authority.certificate), "its issuer is not known here", "a self-signed one")
    is_(connect(server, "--ca", own).status, 0, "but not if it is itself among the authorities")


def old_list(authority):
    """A list whose next update was due long ago."""
    config = write_file("openssl.cnf", "[ca]\ndefault_ca=c\n[c]\ndatabase=%s\ndefault_md=sha256\n" %
                        write_file("index.txt", ""))
    path = new_path(".crl")
    run_tool("openssl", "ca", "-config", config, "-gencrl", "-keyfile", authority.key, "-cert", authority.certificate,
             "-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200201000000Z", "-out", path)
    return path


def lengths(authority):
    first, rest = long_chain(authority, 8, lambda last: last.server(key("relay")))
    server = Server("--certificate", write_chain(first, *rest))
    is_(connect(server, "--ca", authority.certificate).status, 0, "a chain of 8 works")
    refused(connect(Server("--certificate", write_chain(first, *rest[:3])), "--ca", authority.certificate),
            "its issuer is not known here", "a chain that is cut")
    first, rest = long_chain(authority, 9, lambda last: last.server(key("relay")))
    server = Server("--certificate", write_chain(first, *rest), ready=False)
    is_(server.wait(), 2, "a chain of 9 is refused by the server that has it")
    like(server.err.text(), "cannot use the certificates .*at most 8", "which says so")


def operator(authority):
    server = Server("--certificate", authority.server(key("eve")), ready=False)
    is_(server.wait(), 2, "a certificate of another key is refused")
    like(server.err.text(), "is not for the server's key, SHA256:", "with the key that it should be for")
    server = Server("--certificate", os.path.join(folder(), "none.pem"), ready=False)
    is_(server.wait(), 2, "and one that is not there")
    like(server.err.text(), "cannot use the certificates .*none.pem: No such file", "by its name")
    client = connect("127.0.0.1:1", "--ca", os.path.join(folder(), "none.pem"))
    is_(client.status, 1, "an authority that is not there")
    like(client.err.text(), "cannot read the authorities of .*none.pem: No such file", "is said at once")
    client = connect("127.0.0.1:1", "--ca", key("adam"))
    like(client.err.text(), "not an X.509 certificate", "and so is what is none")


def renewed(authority):
    """A new certificate for the running server, and one that is not for it."""
    other = Authority("Other CA")
    path = new_path(".pem")
    shutil.copy(authority.server(key("relay")), path)
    server = Server("--certificate", path)
    is_(connect(server, "--ca", authority.certificate).status, 0, "the first certificate is shown")
    shutil.copy(other.server(key("relay")), path)
    server.signal(1)
    server.err.expect("files were read again")
    is_(connect(server, "--ca", other.certificate).status, 0, "after SIGHUP the second is")
    refused(connect(server, "--ca", authority.certificate), "its issuer is not known here", "that of the first")
    shutil.copy(other.server(key("eve")), path)
    server.signal(1)
    server.err.expect("is not for the server's key, .*; the certificates as they were before stay in force")
    is_(connect(server, "--ca", other.certificate).status, 0, "one that is for another key changes nothing")
    is_(server.stop(), 0, "the server ends as it should")


def constrained(authority):
    """An authority that may certify some hosts only."""
    for permitted, status in (("example.org", 4), ("localhost", 0)):
        narrow = Authority("Narrow CA", issuer=authority, words=("nc_permit_dns=" + permitted,))
        leaf = narrow.server(key("relay"))
        server = Server("--certificate", write_chain(leaf, narrow.certificate))
        client = connect(server, "--ca", authority.certificate)
        is_(client.status, status, "a host, of an authority that may certify %s" % permitted)


def believed_by_the_system(authority):
    """Without --ca, the authorities of the system count: here in a mount namespace with another file of them."""
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    server = Server("--certificate", authority.server(key("relay")))
    script = 'mount --bind "$1" %s && shift && exec "$@"' % bundle
    command = ["unshare", "-m", "sh", "-c", script, "sh", authority.certificate]
    if not os.path.exists(bundle) or Process(command + ["true"]).wait() != 0:
        skip(2, "no file of authorities here, or no mount namespace")
        return
    client = Process(command + [CLIENT, "-n", "Adam", "--state-dir", folder("system"), "--identity", key("adam"),
                                server.address])
    client.finish()
    is_(client.wait(), 0, "a certificate of an authority that the system trusts is valid")
    is_(client.err.text(), "", "without a question")


def main():
    require_tools("certtool", "openssl")
    authority = Authority("Test CA")
    valid(authority)
    invalid(authority)
    lengths(authority)
    operator(authority)
    renewed(authority)
    constrained(authority)
    believed_by_the_system(authority)


run(main)
