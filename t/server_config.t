#!/usr/bin/env python3
"""The configuration file of the server."""

import os
import re
import stat
import subprocess

from harness import *
from harness import SERVER


def check(*arguments):
    done = subprocess.run([SERVER, "--check-config", *arguments], capture_output=True, text=True, env=environment(),
                          check=False)
    return done.returncode, done.stdout, done.stderr


def check_file(content, *arguments, mode=0o600):
    return check("--config", write_file("server.conf", content, mode), *arguments)


def wrong(name, content, pattern):
    status, out, err = check_file(content)
    is_((status, out), (1, ""), name + ": ends with 1 and prints nothing")
    like(err, r"\Achatsecure-server: .*/server\.conf:%s; see `chatsecure-server --help'\n\Z" % pattern,
         name + ": file, line and what to do are said")


def options_of_help():
    done = subprocess.run([SERVER, "--help"], capture_output=True, text=True, env=environment(), check=True)
    return re.findall(r"^ .*?--([a-z-]+)", done.stdout, re.MULTILINE)


def test_names():
    status, out, err = check_file("")
    is_((status, err), (0, ""), "an empty file is one")
    printed = re.findall(r"^(?:# )?([a-z-]+) =", out, re.MULTILINE)
    of_a_run = {"config", "check-config", "bits", "json", "print-fingerprint", "completion", "help", "upgrade",
                "version"}
    is_(sorted(printed), sorted(set(options_of_help()) - of_a_run),
        "the settings are the options that are not of a run")
    is_(check_file(out), (0, out, ""), "what is printed is a file that says the same")
    is_(check("--config", "/dev/null"), (0, out, ""), "/dev/null is an empty file")
    for name in sorted(of_a_run):
        wrong("--" + name, "%s = yes\n" % name, r"1: %s is for the command line alone: take it out" % name)


def test_values():
    content = ("# comment\n\n  listen = 127.0.0.1:0\t\nlisten=[::1]:5\n listen = *\nregister = allow /etc/who may\n"
               "debug = yes\r\nrate = 2048\nstall-timeout = 7\nciphers = AES-128\nname = Relay.1\nca = /a#b\n"
               "crl = /c=d\nrequire-certificate = yes\nstate-dir=/s")
    status, out, err = check_file(content)
    is_((status, err), (0, ""), "a file with settings of all kinds")
    for line in ("listen = 127.0.0.1:0", "listen = [::1]:5", "listen = *:24723", "register = allow /etc/who may",
                 "debug = yes", "rate = 2K", "stall-timeout = 7", "ciphers = AES-128", "name = Relay.1", "ca = /a#b",
                 "crl = /c=d", "require-certificate = yes", "state-dir = /s", "early-drop = 128"):
        like(out, "^%s$" % re.escape(line), "it has: " + line)
    is_(check_file(out), (0, out, ""), "and is printed as a file that says the same")
    status, out, err = check_file(content, "--listen", "127.0.0.1:9", "--rate", "1G", "--register", "allow", "/x",
                                  "-nOther")
    is_((status, err), (0, ""), "with options of the same names")
    is_(re.findall(r"^listen = (.*)$", out, re.MULTILINE), ["127.0.0.1:9"], "--listen replaces all of the file's")
    for line in ("rate = 1G", "register = allow /x", "name = Other", "stall-timeout = 7"):
        like(out, "^%s$" % re.escape(line), "the command line stands above the file: " + line)


def test_wrong():
    wrong("a name that is none", "debug = no\n\nfrob\x1bnicate = 1\n",
          r"3: there is no setting \"frob\\x1bnicate\": the names are those of the long options")
    wrong("a letter", "d = yes\n", r"1: there is no setting \"d\": .*")
    wrong("a prefix", "stat = x\n", r"1: there is no setting \"stat\": .*")
    wrong("a name twice", "rate = 1K\n#\nrate = 1K\n", r"3: rate stands in line 1 already: take one of them out")
    wrong("no equals sign", "debug\n", r"1: there is no `=': write NAME = VALUE")
    wrong("no name", " = 1\n", r"1: there is no setting \"\": .*")
    wrong("no value", "state-dir =\n", r"1: state-dir needs a path")
    wrong("a number that is none", "max-clients = many\n", r"1: max-clients takes a number from 1 to \d+, not \"many\"")
    wrong("a switch that is neither", "debug = on\n", r"1: debug takes yes or no, not \"on\"")
    wrong("allow without a file", "register = allow\n", r"1: register allow needs a file: allow FILE")
    wrong("a path that is too long", "key = /%s\n" % ("k" * 4095), r"1: key takes a path of less than 4096 bytes")
    wrong("a path with an escape", "key = /\x1b[2J\n", r"1: key takes a path without control characters, .*")
    wrong("too many addresses", "listen = 127.0.0.1:0\n" * 17, r"17: listen may be given 16 times")
    wrong("a NUL", "debug = no\0\n", r"1: there is a NUL: this is not a configuration file")
    status, out, err = check_file("#" * 65537)
    is_((status, out), (1, ""), "a file that is too long is refused")
    like(err, r"longer than 65536 bytes", "and said to be")
    is_(check_file("#" * 65535 + "\n")[0], 0, "one that is just not is taken")
    status, out, err = check_file("", mode=0o620)
    is_((status, out), (1, ""), "one that others may write to is refused")
    like(err, r"chmod go-w .*server\.conf", "with the remedy")
    status, out, err = check("--config", os.path.join(folder(), "nowhere"))
    is_((status, out), (1, ""), "one that is named must be there")
    like(err, r"cannot read .*nowhere: No such file", "and is named")
    like(check("--config", folder())[2], r"it is not a file", "a folder is none")
    like(check_file("ca = /x\n")[2], r"--ca and --crl are about clients", "what does not go together is refused")


def test_server():
    state = os.path.join(folder(), "state")
    config = write_file("run.conf", "state-dir = %s\nkey = %s\nlisten = 127.0.0.1:0\nmax-clients = 1\nname = Conf\n" %
                        (state, key("relay")))
    server = Process([SERVER, "--config", config], stdin=subprocess.DEVNULL)
    server.out.expect(r"^listening 127\.0\.0\.1:\d+ SHA256:")
    server.err.expect(r"name Conf, key SHA256:")
    reached("a server runs by the file alone")
    is_(stat.S_ISDIR(os.stat(state).st_mode), True, "with its state where the file says")
    done = subprocess.run([SERVER, "users", "--config", config], capture_output=True, env=environment(), check=False)
    is_((done.returncode, done.stdout, done.stderr), (0, b"", b""), "the commands find it by the file")
    server.signal(15)
    is_(server.wait(), 0, "and it ends as it should")


def main():
    test_names()
    test_values()
    test_wrong()
    test_server()


run(main)
