#!/usr/bin/env python3
"""libcscrypto against OpenSSL's command line, both ways: keys, OAEP, PSS, CBC, HMAC, HKDF, X25519, fingerprints."""

import os
import subprocess

from harness import *

TOOL = os.path.join(BUILD, "t/csc_tool")
LABEL = "chatsecure/1 connect"
PASSWORD = "correct horse"


def execute(command, stdin):
    return subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
                          timeout=DEADLINE)


def openssl(*arguments, stdin=b""):
    done = execute(("openssl",) + arguments, stdin)
    require(done.returncode == 0, "openssl %s: %s" % (" ".join(arguments), done.stderr))
    return done.stdout


def csc(*arguments, stdin=b""):
    """What the library makes of it; the text of its error if it fails."""
    done = execute((TOOL,) + arguments, stdin)
    if done.returncode == 0:
        return done.stdout
    return done.stderr.decode().strip().replace("csc_tool: ", "")


def public_of(path, *options):
    return openssl("pkey", "-in", path, "-pubout", *options)


def keys_from_openssl():
    """What OpenSSL writes in each form."""
    pkcs8 = os.path.join(folder(), "pkcs8.pem")
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", pkcs8)
    public = public_of(pkcs8)
    forms = {
        "PKCS#8": (openssl("pkcs8", "-topk8", "-nocrypt", "-in", pkcs8), "-"),
        "PKCS#1": (openssl("rsa", "-traditional", "-in", pkcs8), "-"),
    }
    for cipher in ("aes-256-cbc", "aes-128-cbc"):
        for prf in ("hmacWithSHA256", "hmacWithSHA1"):
            pem = openssl("pkcs8", "-topk8", "-v2", cipher, "-v2prf", prf, "-in", pkcs8, "-passout", "pass:" + PASSWORD)
            forms["PKCS#8 under %s, %s" % (cipher, prf)] = (pem, PASSWORD)
    for name, (pem, password) in forms.items():
        path = write_file("form.pem", pem)
        is_(csc("public", path, password), public, "%s of OpenSSL is read, and its public half is the same" % name)
        if password != "-":
            is_(csc("public", path, "wrong"), "wrong password", "and not with another password")
            is_(csc("public", path, "-"), "the key is encrypted and needs a password", "nor with none")
    return pkcs8, write_file("public.pem", public)


def kinds_from_openssl():
    wrong_type = "the key is not an RSA key of the wanted kind"
    wrong_size = "the RSA key is not between 2048 and 4096 bits"
    for name, want, *options in (
            ("EC", wrong_type, "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
            ("Ed25519", wrong_type, "ED25519"),
            ("RSA-PSS", wrong_type, "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"),
            ("RSA of 1024 bits", wrong_size, "RSA", "-pkeyopt", "rsa_keygen_bits:1024"),
            ("RSA with exponent 3", "the RSA key is not valid", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-pkeyopt",
             "rsa_keygen_pubexp:3")):
        path = write_file("kind.pem", openssl("genpkey", "-algorithm", *options))
        is_(csc("public", path, "-"), want, "%s, private: %s" % (name, want))
        encrypted = write_file("encrypted.pem", openssl("pkcs8", "-topk8", "-in", path, "-passout", "pass:" + PASSWORD))
        is_(csc("public", encrypted, PASSWORD), want, "the same encrypted")
        is_(csc("fingerprint", write_file("kind-public.pem", public_of(path))), want, "and its public half")


def keys_to_openssl():
    """What we write, OpenSSL checks and reads."""
    for name, password in (("plain", "-"), ("encrypted", PASSWORD)):
        path = os.path.join(folder(), "ours-%s.pem" % name)
        is_(csc("generate", "2048", path, password), b"", "a key is generated and saved, %s" % name)
        options = ("-passin", "pass:" + PASSWORD)
        like(openssl("rsa", "-check", "-noout", "-in", path, *options), "RSA key ok", "OpenSSL finds it right")
        is_(csc("public", path, password), public_of(path, *options), "and sees the same public half")
        converted = write_file("converted.pem", csc("convert", path, password, "-"))
        is_(openssl("pkey", "-in", converted), openssl("pkey", "-in", path, *options), "converting keeps it")
    with open(os.path.join(folder(), "ours-encrypted.pem"), "rb") as file:
        like(file.read(), "^-----BEGIN ENCRYPTED PRIVATE KEY-----$", "the encrypted one is encrypted")
    like(openssl("asn1parse", "-in", os.path.join(folder(), "ours-encrypted.pem")), "aes-256-cbc", "with AES-256")


def fingerprints(private, public):
    der = openssl("pkey", "-pubin", "-in", public, "-outform", "DER")
    digest = openssl("dgst", "-sha256", "-binary", stdin=der)
    text = openssl("base64", stdin=digest).strip().rstrip(b"=")
    is_(csc("fingerprint", public), b"SHA256:" + text, "the fingerprint is the one the manual has a command for")


def oaep(private, public):
    options = ("-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha256")
    for label in (LABEL, ""):
        labelled = options + (("-pkeyopt", "rsa_oaep_label:" + label.encode().hex()) if label else ())
        for message in (b"", b"\0", os.urandom(48), os.urandom(190)):
            sealed = csc("oaep-encrypt", public, label, stdin=message)
            is_(openssl("pkeyutl", "-decrypt", "-inkey", private, *labelled, stdin=sealed), message,
                "OpenSSL decrypts our OAEP, %d bytes, label '%s'" % (len(message), label))
            sealed = openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", public, *labelled, stdin=message)
            is_(csc("oaep-decrypt", private, label, stdin=sealed), message, "and we decrypt OpenSSL's")
        is_(csc("oaep-decrypt", private, "x" + label, stdin=sealed), "decryption failed", "under its label only")
    sealed = openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", public, "-pkeyopt", "rsa_padding_mode:oaep",
                     stdin=b"hello")
    is_(csc("oaep-decrypt", private, "", stdin=sealed), "decryption failed", "OAEP with SHA-1 is not ours")
    sealed = openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", public, stdin=b"hello")
    is_(csc("oaep-decrypt", private, "", stdin=sealed), "decryption failed", "nor is PKCS#1 v1.5")


def pss(private, public):
    def options(digest="sha256", mask="sha256", salt="32"):
        return ("-" + digest, "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_mgf1_md:" + mask, "-sigopt",
                "rsa_pss_saltlen:" + salt)

    refused = "the signature is not that of the message"
    for message in (b"", b"\0", b"hello", os.urandom(5000)):
        signature = write_file("signature", csc("pss-sign", private, stdin=message))
        like(openssl("dgst", *options(), "-verify", public, "-signature", signature, stdin=message), "Verified OK",
             "OpenSSL verifies our signature of %d bytes" % len(message))
        signature = openssl("dgst", *options(), "-sign", private, stdin=message)
        is_(csc("pss-verify", public, signature.hex(), stdin=message), b"", "and we verify OpenSSL's")
        is_(csc("pss-verify", public, signature.hex(), stdin=message + b"x"), refused, "of that message only")
    for name, *other in (("31 bytes of salt", "sha256", "sha256", "31"), ("33 bytes of salt", "sha256", "sha256", "33"),
                         ("no salt", "sha256", "sha256", "0"), ("SHA-512", "sha512", "sha512"),
                         ("MGF1 with SHA-1", "sha256", "sha1")):
        signature = openssl("dgst", *options(*other), "-sign", private, stdin=b"hello")
        is_(csc("pss-verify", public, signature.hex(), stdin=b"hello"), refused, "%s: refused" % name)
    # The encoded message is a byte shorter than the modulus.
    odd = os.path.join(folder(), "odd.pem")
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2049", "-out", odd)
    odd_public = write_file("odd-public.pem", public_of(odd))
    signature = write_file("signature", csc("pss-sign", odd, stdin=b"hello"))
    like(openssl("dgst", *options(), "-verify", odd_public, "-signature", signature, stdin=b"hello"), "Verified OK",
         "OpenSSL verifies our signature with a key of 2049 bits")
    signature = openssl("dgst", *options(), "-sign", odd, stdin=b"hello")
    is_(csc("pss-verify", odd_public, signature.hex(), stdin=b"hello"), b"", "and we verify OpenSSL's")
    signature = openssl("dgst", "-sha256", "-sign", private, stdin=b"hello")
    is_(csc("pss-verify", public, signature.hex(), stdin=b"hello"), refused, "PKCS#1 v1.5: refused")


def symmetric():
    mac_key, iv = os.urandom(32), os.urandom(16)
    for bits in (128, 256):
        key = os.urandom(bits // 8)
        cipher = ("enc", "-aes-%d-cbc" % bits, "-K", key.hex(), "-iv", iv.hex())
        for size in (0, 1, 15, 16, 17, 1000):
            message = os.urandom(size)
            sealed = openssl(*cipher, stdin=message)
            tag = openssl("dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:" + mac_key.hex(), "-binary",
                          stdin=iv + sealed)
            is_(csc("encrypt", key.hex(), mac_key.hex(), iv.hex(), stdin=message), tag + sealed,
                "AES-%d-CBC and HMAC of %d bytes are what OpenSSL makes" % (bits, size))
            is_(csc("decrypt", key.hex(), mac_key.hex(), iv.hex(), stdin=tag + sealed), message, "and are opened")
        is_(csc("decrypt", key.hex(), mac_key.hex(), iv.hex(), stdin=tag + sealed[:-1]),
            "the message authentication code does not match", "what is cut short is not")


def derivation():
    for size in (0, 1, 64, 1000):
        key, message = os.urandom(20), os.urandom(size)
        is_(csc("hmac", key.hex(), stdin=message),
            openssl("dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:" + key.hex(), "-binary", stdin=message),
            "HMAC-SHA256 of %d bytes" % size)
    salt, ikm, info = os.urandom(32), os.urandom(128), b"chatsecure/1 session"
    is_(csc("hkdf", salt.hex(), info.hex(), "192", stdin=ikm),
        openssl("kdf", "-keylen", "192", "-kdfopt", "digest:SHA256", "-kdfopt", "hexkey:" + ikm.hex(), "-kdfopt",
                "hexsalt:" + salt.hex(), "-kdfopt", "hexinfo:" + info.hex(), "-binary", "HKDF"), "HKDF-SHA256")


def exchange():
    secret, paths = [], []
    for name in ("a", "b"):
        der = openssl("genpkey", "-algorithm", "X25519", "-outform", "DER")
        paths.append((write_file(name + ".der", der),
                      write_file(name + "-public.der", openssl("pkey", "-inform", "DER", "-pubout", "-outform", "DER",
                                                               stdin=der))))
        secret.append(der[-32:])
    with open(paths[1][1], "rb") as file:
        public = file.read()[-32:]
    is_(csc("x25519", secret[0].hex(), public.hex()),
        openssl("pkeyutl", "-derive", "-keyform", "DER", "-inkey", paths[0][0], "-peerform", "DER", "-peerkey",
                paths[1][1]), "X25519")


def main():
    try:
        version = execute(("openssl", "version"), b"").stdout.decode()
    except FileNotFoundError:
        skip_all("there is no openssl command")
    if not version.startswith("OpenSSL 3"):
        skip_all("the openssl command is not OpenSSL 3 but " + version)
    private, public = keys_from_openssl()
    kinds_from_openssl()
    keys_to_openssl()
    fingerprints(private, public)
    oaep(private, public)
    pss(private, public)
    symmetric()
    derivation()
    exchange()


run(main)
