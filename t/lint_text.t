#!/usr/bin/env python3
"""The text of the sources: white space, width, and the calls nobody makes."""

import os
import re

from harness import *

FOLDERS = ("", ".ci", "crypto", "proto", "src", "t", "man", "build-aux", "m4")
KINDS = (".c", ".h", ".py", ".t", ".mk", ".am", ".ac", ".m4", ".in", ".1", ".3", ".7", ".8", ".sh")
NAMES = {"GNUmakefile", "README", "LICENSE", "run", "demo", "install-packages", ".clang-format", ".clang-tidy",
         ".gitignore"}
MADE = {"Makefile.in", "aclocal.m4", "config.h", "config.h.in", "tap-driver.sh", "ltmain.sh", "libtool.m4",
        "ltoptions.m4", "ltsugar.m4", "ltversion.m4", "lt~obsolete.m4"}
TABS = {"GNUmakefile", "Makefile.am", "local.mk"}
WIDTH = 120

# name -> what to call in its place.
BANNED = {
    "strcpy": "memcpy or snprintf", "strcat": "snprintf", "strncpy": "memcpy", "strncat": "snprintf",
    "sprintf": "snprintf", "vsprintf": "vsnprintf", "strtok": "strchr", "gets": "read", "scanf": "strtol",
    "sscanf": "strtol", "fscanf": "strtol", "localtime": "localtime_r", "gmtime": "gmtime_r", "ctime": "strftime",
    "asctime": "strftime", "atoi": "strtol", "atol": "strtol", "atoll": "strtoll", "atof": "strtod",
    "strerror": "strerror_r or %m of the log", "rand": "csc_random", "srand": "csc_random", "random": "csc_random",
    "tmpnam": "mkstemp", "mktemp": "mkstemp", "alloca": "malloc", "system": "nothing", "popen": "nothing",
    "gethostbyname": "getaddrinfo", "inet_ntoa": "getnameinfo", "inet_addr": "getaddrinfo", "bzero": "csc_wipe",
    "signal": "sigaction", "usleep": "poll", "sleep": "poll",
}
CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
LITERAL = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*', re.DOTALL)


def files():
    for folder in FOLDERS:
        top = os.path.join(SOURCE, folder)
        for root, folders, names in os.walk(top):
            if not folder:
                folders.clear()
            folders[:] = [f for f in folders if not f.startswith((".", "__"))]
            for name in sorted(names):
                if name not in MADE and (name.endswith(KINDS) or name in NAMES):
                    yield os.path.normpath(os.path.relpath(os.path.join(root, name), SOURCE))


def blank_literals(text):
    """Without comments and literals, every line in its place."""
    return LITERAL.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def main():
    listed = sorted(set(files()))
    require(len(listed) > 20, "the sources are found")
    space, wide, banned = [], [], []
    for path in listed:
        with open(os.path.join(SOURCE, path), encoding="utf-8", newline="") as file:
            text = file.read()
        name = os.path.basename(path)
        if text and not text.endswith("\n"):
            space.append("%s has no newline at its end" % path)
        if text.endswith("\n\n"):
            space.append("%s has an empty line at its end" % path)
        for number, line in enumerate(text.split("\n"), 1):
            where = "%s:%d" % (path, number)
            if "\t" in line and name not in TABS:
                space.append("%s has a tab" % where)
            if line != line.rstrip():
                space.append("%s has blanks at its end" % where)
            if len(line) > WIDTH and not path.endswith(".pem"):
                wide.append("%s has %d columns" % (where, len(line)))
        if path.endswith((".c", ".h")):
            code = blank_literals(text)
            for match in CALL.finditer(code):
                banned.append("%s:%d calls %s: %s" % (path, code.count("\n", 0, match.start()) + 1, match.group(1),
                                                      BANNED[match.group(1)]))
    for found, name in ((space, "white space"), (wide, "lines of at most %d columns" % WIDTH),
                        (banned, "no banned call")):
        if not ok(not found, name):
            diag("\n".join(found))


run(main)
