#!/usr/bin/env python3
"""Each header compiles alone, and the installed one for every program that may include it."""

import os
import shlex
import subprocess

from harness import *

COMPILER = shlex.split(os.environ.get("CC", "cc"))
FLAGS = shlex.split(os.environ.get("TEST_CPPFLAGS", "-I" + SOURCE + " -I" + BUILD))


def compiles(source, name, *options):
    path = write_file(name, source)
    done = subprocess.run(COMPILER + FLAGS + list(options) + ["-fsyntax-only", path], capture_output=True, text=True,
                          check=False)
    return done.returncode == 0 and not done.stderr, done.stderr


def main():
    headers = []
    for top in ("crypto", "proto", "src", "t"):
        for root, _, names in os.walk(os.path.join(SOURCE, top)):
            headers += [os.path.relpath(os.path.join(root, name), SOURCE) for name in names if name.endswith(".h")]
    require(headers, "there are headers")
    wrong = []
    for header in sorted(headers):
        good, text = compiles('#include <config.h>\n#include "%s"\n#include "%s"\n' % (header, header), "alone.c",
                              "-Wall", "-Wextra")
        if not good:
            wrong.append(text)
    if not ok(not wrong, "each header compiles alone, and twice"):
        diag("\n".join(wrong))

    user = '#include "crypto/cscrypto.h"\nint main(void) { return 0; }\n'
    for standard in ("c99", "c11"):
        good, text = compiles(user, "user.c", "-std=" + standard, "-pedantic", "-Wall", "-Wextra")
        if not ok(good, "cscrypto.h compiles without config.h as %s" % standard):
            diag(text)
    has_cxx, _ = compiles("int main() { return 0; }\n", "empty.cc", "-x", "c++")
    if has_cxx:
        good, text = compiles(user, "user.cc", "-x", "c++", "-Wall", "-Wextra")
        if not ok(good, "cscrypto.h compiles as C++"):
            diag(text)
    else:
        skip(1, "no C++ compiler")


run(main)
