"""Certificates for the tests, made by certtool and openssl: authorities, what they issue, what they revoke."""

import os
import shutil
import subprocess
import tempfile

from harness import *

PAST = ("2020-01-01 00:00:00 UTC", "2021-01-01 00:00:00 UTC")
FUTURE = ("2090-01-01 00:00:00 UTC", "2091-01-01 00:00:00 UTC")
NOW = ("2020-01-01 00:00:00 UTC", "2091-01-01 00:00:00 UTC")

_serial = 0


def require_tools(*names):
    for name in names:
        if shutil.which(name) is None:
            skip_all(name + " is not installed")


def run_tool(*command, stdin=None, env=None):
    done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          env=env or environment())
    if done.returncode != 0:
        diag(done.stdout)
        raise Failure("%s failed" % " ".join(command))
    return done.stdout


def new_path(suffix):
    handle, path = tempfile.mkstemp(prefix="made-", suffix=suffix, dir=folder())
    os.close(handle)
    return path


def new_key(kind="ec"):
    """The path of a new private key: ec (P-256), ec384, rsa (2048 bits)."""
    path = new_path(".key")
    how = {"ec": ("EC", "ec_paramgen_curve:P-256"), "ec384": ("EC", "ec_paramgen_curve:P-384"),
           "rsa": ("RSA", "rsa_keygen_bits:2048")}[kind]
    run_tool("openssl", "genpkey", "-algorithm", how[0], "-pkeyopt", how[1], "-out", path)
    os.chmod(path, 0o600)
    return path


def template(words, dates):
    global _serial
    _serial += 1
    lines = ["serial = %d" % _serial, 'activation_date = "%s"' % dates[0], 'expiration_date = "%s"' % dates[1]]
    for word in words:
        name, _, value = word.partition("=")
        lines.append('%s = "%s"' % (name, value) if value else name)
    return write_file("template-%d" % _serial, "\n".join(lines) + "\n")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write_chain(*certificates):
    path = new_path(".pem")
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(read(certificate) for certificate in certificates))
    return path


class Authority:
    """An authority with its certificate at .certificate; issued by another one, or by itself."""

    def __init__(self, name, issuer=None, dates=NOW, words=()):
        self.key = new_key()
        self.issuer = issuer
        words = ("cn=" + name, "ca", "cert_signing_key", "crl_signing_key") + words
        self.certificate = (issuer or self).sign(self.key, words, dates, own=issuer is None)

    def sign(self, private_key, words, dates=NOW, own=False):
        """The path of a new certificate for the key; words are lines of certtool's template, name=value or name."""
        path = new_path(".crt")
        command = ["certtool", "--load-privkey", private_key, "--template", template(words, dates), "--outfile", path]
        if own:
            command += ["--generate-self-signed"]
        else:
            command += ["--generate-certificate", "--load-ca-certificate", self.certificate, "--load-ca-privkey",
                        self.key]
        run_tool(*command)
        return path

    def user(self, name, kind="ec", words=(), dates=NOW):
        """The key and certificate of a person."""
        private_key = new_key(kind)
        words = ("cn=" + name, "signing_key", "tls_www_client") + tuple(words)
        return private_key, self.sign(private_key, words, dates)

    def server(self, private_key, words=("dns_name=localhost", "ip_address=127.0.0.1"), dates=NOW,
               usage=("encryption_key", "tls_www_server")):
        return self.sign(private_key, ("cn=relay",) + tuple(words) + tuple(usage), dates)

    def revoke(self, *certificates, days=30):
        """The path of a list of what is revoked."""
        path = new_path(".crl")
        command = ["certtool", "--generate-crl", "--load-ca-privkey", self.key, "--load-ca-certificate",
                   self.certificate, "--template", write_file("crl-template", "crl_next_update = %d\n" % days),
                   "--outfile", path]
        if certificates:
            command += ["--load-certificate", write_chain(*certificates)]
        run_tool(*command)
        return path


def long_chain(top, length, last):
    """A chain of that many certificates below top, the first of them made by last(authority)."""
    authorities = [top]
    for number in range(length - 1):
        authorities.append(Authority("Level %d" % number, authorities[-1]))
    first = last(authorities[-1])
    return first, [authority.certificate for authority in reversed(authorities[1:])]


def state_with_identity(name):
    """A state directory of a client whose identity is t/keys/NAME.pem."""
    state = tempfile.mkdtemp(prefix="client-", dir=folder())
    shutil.copy(key(name), os.path.join(state, "identity.pem"))
    os.chmod(os.path.join(state, "identity.pem"), 0o600)
    return state
