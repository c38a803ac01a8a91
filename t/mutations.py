"""The tables of mutations in t/mutations: what `make mutation` breaks, one thing at a time.

A table is lines of text. `file PATH` and `tests PROGRAM...` hold until they are said again; what begins with # is a
comment. A mutation is a block of lines between empty ones:

    the title, which says what is no longer checked
    - the text as it stands in the file, at exactly one place
    + what takes its place; nothing at all is a + alone
    tests PROGRAM...

the last of which is only there where other tests than the table's notice. White space of any length stands for white
space of any length, so that formatting does not matter. Tests are tried in their order, until one fails.
"""

import os
import re

import harness


class Mutation:
    """A row of a table."""

    def __init__(self, table, number, title, path, tests):
        self.where = "t/mutations/%s:%d" % (table, number)
        self.title = title
        self.path = path
        self.tests = tests
        self.before, self.after = [], []

    def __str__(self):
        return "%s: %s" % (self.path, self.title)

    def places(self, text):
        """How often it could be applied to TEXT."""
        return len(self._pattern().findall(text))

    def apply(self, text):
        return self._pattern().sub(lambda _: " ".join(self.after), text)

    def _pattern(self):
        return re.compile(r"\s+".join(re.escape(word) for word in " ".join(self.before).split()))


def _read(table, path):
    mutations, current = [], None
    file, tests = None, []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            word, _, rest = line.strip().partition(" ")
            if not word:
                current = None
            elif word in ("-", "+") and current:
                (current.before if word == "-" else current.after).append(rest)
            elif word == "tests":
                if current:
                    current.tests = rest.split()
                else:
                    tests = rest.split()
            elif word == "file" and not current:
                file = rest
            elif not word.startswith("#"):
                harness.require(current is None, "%s:%d has a row of one title" % (path, number))
                current = Mutation(table, number, line.strip(), file, tests)
                mutations.append(current)
    return mutations


def read_all():
    """The rows of all tables, file by file."""
    folder = os.path.join(harness.SOURCE, "t", "mutations")
    rows = [row for table in sorted(os.listdir(folder)) for row in _read(table, os.path.join(folder, table))]
    return sorted(rows, key=lambda row: row.path)


def source_of(row):
    with open(os.path.join(harness.SOURCE, row.path), encoding="utf-8") as file:
        return file.read()
