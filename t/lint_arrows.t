#!/usr/bin/env python3
"""The arrows between the folders: src -> proto -> crypto, and no system calls below src."""

import os
import re
import subprocess

from harness import *

FOLDERS = ("crypto", "proto", "src/common", "src/client", "src/server", "src/bench")

# What each folder may include of the others.
MAY_INCLUDE = {
    "crypto": {"crypto"},
    "proto": {"proto", "crypto"},
    "src/common": {"src/common", "proto", "crypto"},
    "src/client": {"src/client", "src/common", "proto", "crypto"},
    "src/server": {"src/server", "src/common", "proto", "crypto"},
    "src/bench": {"src/bench", "src/common", "proto", "crypto"},
}

# proto works on memory: these are all the system headers and functions it gets.
PROTO_HEADERS = {
    "<assert.h>", "<config.h>", "<ctype.h>", "<emmintrin.h>", "<errno.h>", "<inttypes.h>", "<limits.h>",
    "<stdalign.h>", "<stdarg.h>", "<stdbool.h>", "<stddef.h>", "<stdint.h>", "<stdlib.h>", "<string.h>",
}
PROTO_SYMBOLS = re.compile(
    r"(csc|json|json_c)_\w+|printbuf_\w+|array_list_\w+|lh_\w+"
    r"|_?_?(mem\w+|str(len|nlen|cmp|ncmp|casecmp|ncasecmp|chr|rchr|str|spn|cspn|pbrk|dup|ndup))(_chk)?"
    r"|malloc|calloc|realloc|reallocarray|free|qsort|bsearch|abort|__assert_fail|__assert|__stack_chk_(fail|guard)"
    # What sanitizers, profilers and compilers add of their own.
    r"|__(asan|ubsan|tsan|msan|lsan|sanitizer|gcov|llvm|sancov)_\w+|_GLOBAL_OFFSET_TABLE_|__start_\w+|__stop_\w+"
    r"|_?_?tls_get_addr|__\w+[dt]i[34]")

# And json-c's own doors to the outside stay shut.
PROTO_BANNED = re.compile(r"json_object_(to|from)_f(d|ile)\w*|json_global_\w+")


def sources(folder):
    path = os.path.join(SOURCE, folder)
    for root, _, names in os.walk(path):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                yield os.path.relpath(os.path.join(root, name), SOURCE)


def includes(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            match = re.match(r"\s*#\s*include\s*(\"[^\"]+\"|<[^>]+>)", line)
            if match:
                yield number, match.group(1)


def main():
    for folder in FOLDERS:
        files = list(sources(folder))
        require(files, "%s has sources" % folder)
        wrong = []
        for path in files:
            found = list(includes(path))
            if path.endswith(".c") and (not found or found[0][1] != "<config.h>"):
                wrong.append("%s does not include <config.h> first" % path)
            for number, name in found:
                where = "%s:%d" % (path, number)
                if name.startswith('"'):
                    target = os.path.dirname(name.strip('"'))
                    if target not in MAY_INCLUDE[folder]:
                        wrong.append("%s includes %s" % (where, name))
                elif folder == "proto" and name not in PROTO_HEADERS and not name.startswith("<json-c/"):
                    wrong.append("%s includes %s" % (where, name))
        if not ok(not wrong, "%s includes only what it may" % folder):
            diag("\n".join(wrong))

    library = os.path.join(BUILD, "proto/libproto.a")
    listing = subprocess.run(os.environ.get("NM", "nm").split() + ["-A", library], check=True, capture_output=True,
                             text=True).stdout
    defined, undefined = set(), set()
    for line in listing.splitlines():
        match = re.match(r"(.*?):\s*[0-9a-fA-F]*\s+([A-Za-z])\s+(\S+)$", line)
        if match:
            (undefined if match.group(2) in "Uw" else defined).add((match.group(1).split(":")[-1], match.group(3)))
    names = {name for _, name in defined}
    require(names, "libproto.a has symbols")
    wrong = sorted("%s calls %s" % (where, name) for where, name in undefined - defined
                   if name not in names and (not PROTO_SYMBOLS.fullmatch(name) or PROTO_BANNED.fullmatch(name)))
    if not ok(not wrong, "libproto calls nothing that does input, output, locks, time or logs"):
        diag("\n".join(wrong))


run(main)
