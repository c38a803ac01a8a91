#!/usr/bin/env python3
"""Each mutation of t/mutations still fits its source, at one place, and names tests that there are."""

import os

import mutations
from harness import *


def faults(row, makefile):
    if not row.path or not os.path.exists(os.path.join(SOURCE, row.path)):
        yield "there is no file %s" % row.path
        return
    if not row.before or not row.after:
        yield "it does not say what to put in the place of what"
        return
    text = mutations.source_of(row)
    if row.places(text) != 1:
        yield "its text is at %d places" % row.places(text)
    elif row.apply(text) == text:
        yield "it changes nothing"
    if not row.tests:
        yield "no test is to notice it"
    for test in row.tests:
        if not (os.path.exists(os.path.join(SOURCE, test)) if test.endswith(".t") else
                test.replace("/", "_") + "_SOURCES" in makefile):
            yield "there is no test %s" % test


def main():
    rows = mutations.read_all()
    with open(os.path.join(SOURCE, "t", "local.mk"), encoding="utf-8") as file:
        makefile = file.read()
    ok(len(rows) >= 100, "there are a hundred mutations")
    wrong = ["%s: %s: %s" % (row.where, row, fault) for row in rows for fault in faults(row, makefile)]
    if not ok(not wrong, "each fits its source"):
        diag("\n".join(wrong))
    titles = [str(row) for row in rows]
    is_([title for title in set(titles) if titles.count(title) > 1], [], "no two have one title")


run(main)
