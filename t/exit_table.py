"""Exit statuses: the table of a manual page, and a recipe for each of its rows.

    table = Table("man/chatsecure.1")

    @table.row(12)
    def no_such_user(server):
        table.ends(Client(server, "Adam", "--to", "Nobody", "-m", "x"), 12, r"no such user")

    table.run(server)

A row without a recipe is a failed test, and so is a recipe for no row, and one in which its status is not seen.
"""

import os
import re

from harness import SOURCE, diag, is_, like, ok


class Table:
    def __init__(self, page):
        self.page = page
        self.recipes = {}
        self.seen = set()
        with open(os.path.join(SOURCE, page), encoding="utf-8") as file:
            section = file.read().split(".Sh EXIT STATUS")[1].split(".Sh ")[0]
        self.rows = [int(status) for status in re.findall(r"^\.It (\d+)", section, re.MULTILINE)]

    def row(self, status):
        """Makes a function the recipe for a status."""

        def add(function):
            self.recipes[status] = function
            return function

        return add

    def ends(self, process, status, pattern=None):
        """Two tests: the program ends with the status, and says on stderr what the regular expression says."""
        if is_(process.wait(), status, "%d: %s" % (status, " ".join(process.argv[1:])[-60:])):
            self.seen.add(status)
        if pattern is not None:
            like(process.err.text(), pattern, "%d is explained" % status)

    def run(self, *arguments):
        """Runs the recipes in the order of the table."""
        is_(sorted(set(self.recipes) - set(self.rows)), [], "each recipe is for a row of " + self.page)
        for status in self.rows:
            if not ok(status in self.recipes, "%s: %d has a recipe" % (self.page, status)):
                continue
            diag("%d: %s" % (status, self.recipes[status].__doc__))
            self.recipes[status](*arguments)
            ok(status in self.seen, "%d was seen" % status)
