#!/usr/bin/env python3
"""What shells are told about the options: all of them, and what completes what."""

import os
import re
import shutil
import subprocess

from harness import *
from harness import BENCH, CLIENT, SERVER

PROGRAMS = (("chatsecure", CLIENT), ("chatsecure-server", SERVER), ("chatsecure-bench", BENCH))


def output(*argv, **keywords):
    done = subprocess.run(argv, capture_output=True, text=True, env=environment(**keywords), check=False)
    return done.stdout if done.returncode == 0 else "status %d: %s" % (done.returncode, done.stderr)


def path():
    """A folder with the programs under their names, in front of all others."""
    where = folder("bin")
    for name, program in PROGRAMS:
        if not os.path.exists(os.path.join(where, name)):
            os.symlink(program, os.path.join(where, name))
    return where + os.pathsep + os.environ["PATH"]


def complete(bash, name, *words):
    """What bash offers for the last of WORDS."""
    script = ('. "$1/completions/bash/$2"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
              '_${1//-/_}; printf "%s\\n" "${COMPREPLY[@]}"')
    return output(bash, "--norc", "-c", script, "bash", SOURCE, name, *words, PATH=path()).split()


def in_bash(bash):
    for name, program in PROGRAMS:
        options = re.findall(r"^  (?:-., |    )(--[\w-]+)", output(program, "--help"), re.MULTILINE)
        require(len(options) > 5, "%s has options" % name)
        is_(sorted(complete(bash, name, "--")), sorted(options), "bash: all options of %s" % name)
    is_(complete(bash, "chatsecure", "--known-p"), ["--known-peers"], "one of them")
    is_(sorted(complete(bash, "chatsecure", "ver")), ["verify", "verify-message"], "commands")
    is_(complete(bash, "chatsecure", "--name", "ver"), [], "which are no values")
    is_(complete(bash, "chatsecure", "--identity", "ver"), [], "nor files")
    folder("home/state/chatsecure")
    write_file("home/state/chatsecure/known_peers",
               "".join("%s SHA256:%s\n" % (name, "A" * 43) for name in ("Eve", "Evelyn", "bob", "$(touch${IFS}harm)")))
    is_(complete(bash, "chatsecure", "trust", "Ev"), ["Eve", "Evelyn"], "names that are known")
    is_(complete(bash, "chatsecure", "history", ""), ["bob", "Eve", "Evelyn"], "and none that is no name")
    is_(os.path.exists("harm"), False, "or would be run")
    is_(complete(bash, "chatsecure", "keygen", "Ev"), [], "where no name can be there is none")
    ok("keygen" in complete(bash, "chatsecure", "--receive", "k"), "and come behind an option without a value")


def syntax(shell, arguments):
    found = shutil.which(shell)
    for name, program in PROGRAMS:
        script = output(program, "--completion", shell)
        for option in ("--help", "--version") if shell != "fish" else ("-l help", "-l version"):
            ok(option in script, "%s completes %s of %s" % (shell, option, name))
        if found is None:
            skip(1, shell + " is not installed")
            continue
        file = write_file(name + "." + shell, script)
        is_(output(found, *arguments, file), "", "%s reads it" % shell)


def main():
    bash = shutil.which("bash")
    if bash is None:
        skip(1, "bash is not installed")
    else:
        in_bash(bash)
    syntax("bash", ["--norc", "-n"])
    syntax("zsh", ["-f", "-n"])
    syntax("fish", ["--no-execute"])
    for name, program in PROGRAMS:
        like(output(program, "--completion", "tcsh"),
             r"\Astatus \d: .*--completion takes bash, zsh or fish, not \"tcsh\"", "%s knows no other shell" % name)


run(main)
