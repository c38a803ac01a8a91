#!/usr/bin/env python3
"""What libcscrypto shows to the linker: all that cscrypto.h declares, and nothing else."""

import os
import re
import subprocess

from harness import *


def symbols(path, *options):
    done = subprocess.run(os.environ.get("NM", "nm").split() + ["-P", "-g"] + list(options) + [path], check=True,
                          capture_output=True, text=True)
    found = set()
    for line in done.stdout.splitlines():
        words = line.split()
        if len(words) >= 2 and words[1] in "TDBRVWi":
            found.add(words[0].split("@")[0])
    return found


def main():
    with open(os.path.join(SOURCE, "crypto/cscrypto.h"), encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", " ", file.read(), flags=re.DOTALL)
    declared = set(re.findall(r"\b(csc_\w+)\s*\([^;{]*\)[^;{]*;", text))
    require(declared, "cscrypto.h declares functions")

    shared = os.path.join(BUILD, "crypto/.libs/libcscrypto.so")
    if os.path.exists(shared):
        exported = symbols(shared, "-D")
        is_(sorted(exported - declared), [], "the shared library exports nothing that cscrypto.h does not declare")
        is_(sorted(declared - exported), [], "the shared library exports all that cscrypto.h declares")
    else:
        skip(2, "the shared library is not built")

    static = os.path.join(BUILD, "crypto/.libs/libcscrypto.a")
    defined = symbols(static)
    is_(sorted(declared - defined), [], "the static library has all that cscrypto.h declares")
    # cs_ is for what one file of the library calls in another; names with two underscores are the compiler's.
    is_(sorted(name for name in defined if not re.match(r"_?csc?_|__|DW\.ref", name)), [],
        "the static library's symbols all have its prefixes")


run(main)
