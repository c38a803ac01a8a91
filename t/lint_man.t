#!/usr/bin/env python3
"""The manual pages: mandoc and groff have nothing to say, and the options are those of the programs."""

import os
import re
import shutil
import subprocess

from harness import *
from harness import BENCH, CLIENT, SERVER

PAGES = ("chatsecure.1", "chatsecure-bench.1", "chatsecure-server.8", "chatsecure-protocol.7", "cscrypto.3")
OUR_REFERENCE = re.compile(r"referenced manual not found: Xr (?:%s)\b" % "|".join(
    re.escape(page).replace(r"\.", " ") for page in PAGES))


def source(page):
    with open(os.path.join(SOURCE, "man", page), encoding="utf-8") as file:
        return file.read()


def silent(tool, arguments, page):
    name = "%s %s is silent about %s" % (tool, " ".join(arguments), page)
    if shutil.which(tool) is None:
        skip(1, tool + " is not installed")
        return
    # In the folder, for mandoc to find the pages of ours that a page refers to.
    done = subprocess.run([tool] + arguments + [page], capture_output=True, text=True, cwd=os.path.join(SOURCE, "man"),
                          check=False)
    # Lint is on mandoc's stdout, groff's page on groff's.  mandoc looks for other pages only where they are installed.
    said = done.stdout + done.stderr if tool == "mandoc" else done.stderr
    left = "".join(line + "\n" for line in said.splitlines() if not OUR_REFERENCE.search(line))
    if not ok(not left and (done.returncode == 0 or said), name):
        diag(said)


def help_options(program):
    """The options in the first column of --help's lines."""
    done = subprocess.run([program, "--help"], capture_output=True, text=True, env=environment(), check=False)
    is_((done.returncode, done.stderr), (0, ""), "%s --help" % os.path.basename(program))
    found = set()
    for line in done.stdout.splitlines():
        match = re.match(r"\s+(-.*?)(?:\s{2,}|$)", line)
        if match:
            found.update(re.findall(r"(?<![\w-])--?[A-Za-z][\w-]*", match.group(1)))
    return found


def page_options(page):
    """The options in the tags of the page's lists and those in its synopsis."""
    tags, synopsis, section = set(), set(), None
    for line in source(page).splitlines():
        if line.startswith(".Sh "):
            section = line[4:].strip()
        options = {"-" + name.replace("\\-", "-") for name in re.findall(r"\bFl (-?[A-Za-z\\][\w\\-]*)", line)}
        if line.startswith(".It Fl"):
            tags |= options
        elif section == "SYNOPSIS":
            synopsis |= options
    return tags, synopsis


def main():
    for page in PAGES:
        silent("mandoc", ["-Tlint"], page)
        # Ragged on the right, or each long word is a warning.
        silent("groff", ["-ww", "-mandoc", "-Tutf8", "-dAD=l"], page)
    for program, page in ((CLIENT, "chatsecure.1"), (SERVER, "chatsecure-server.8"), (BENCH, "chatsecure-bench.1")):
        helped = help_options(program)
        tags, synopsis = page_options(page)
        require(tags, "%s lists options" % page)
        is_(sorted(helped), sorted(tags), "%s has the options of --help" % page)
        is_(sorted(synopsis - tags), [], "%s explains the options of its synopsis" % page)

    with open(os.path.join(SOURCE, "crypto/cscrypto.h"), encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", " ", file.read(), flags=re.DOTALL)
    declared = set(re.findall(r"\b(csc_\w+)\s*\([^;{]*\)[^;{]*;", text))
    page = source("cscrypto.3")
    is_(sorted(name for name in declared if not re.search(r"\b%s\b" % name, page)), [],
        "cscrypto.3 names every function of cscrypto.h")


run(main)
