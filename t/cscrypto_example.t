#!/usr/bin/env python3
"""The example of cscrypto(3) compiles as it stands there, and the errors that the page lists are those that exist."""

import os
import re
import shlex
import subprocess

from harness import *


def main():
    with open(os.path.join(SOURCE, "man/cscrypto.3"), encoding="utf-8") as file:
        page = file.read()
    with open(os.path.join(SOURCE, "crypto/cscrypto.h"), encoding="utf-8") as file:
        header = file.read()

    example = re.search(r"^\.Sh EXAMPLES$.*?^\.Bd [^\n]*\n(.*?)^\.Ed$", page, re.MULTILINE | re.DOTALL)
    require(example, "the page has an example")
    path = write_file("example.c", example.group(1).replace("\\e", "\\"))
    done = subprocess.run(shlex.split(os.environ.get("CC", "cc")) +
                          ["-Wall", "-Wextra", "-Werror", "-I", os.path.join(SOURCE, "crypto"), "-c", path, "-o",
                           path + ".o"], capture_output=True, text=True, check=False)
    if not is_(done.returncode, 0, "the example compiles"):
        diag(done.stderr)

    listed = re.findall(r"^\.It Bq Er (CSC_\w+)$", page, re.MULTILINE)
    is_(listed, [name for name in re.findall(r"X\((CSC_\w+), -", header)], "the page lists each error, in order")


run(main)
