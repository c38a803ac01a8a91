"""The screen of a terminal, as far as a line-mode program uses one."""

import re
import unicodedata

_CONTROL = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|\x1b[()=>][A-Z0-9]?")


def _width(char):
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


class Screen:
    """Follows the few controls a line-mode program uses. Rows that scrolled away stay, at the top, out of reach.

    A row is a list of cells; the second cell of a wide character is empty."""

    def __init__(self, height, columns):
        self.height, self.columns = height, columns
        self.rows, self.wrapped = [[]], [False]  # a wrapped row goes on in the next one
        self.row = self.column = self.top = 0

    def _reach(self):
        """The cursor's row exists, and what does not fit scrolls away."""
        while self.row >= len(self.rows):
            self.rows.append([])
            self.wrapped.append(False)
        self.top = max(self.top, self.row - self.height + 1)

    def _control(self, arguments, letter):
        first = int(arguments.split(";")[0]) if re.match(r"\d", arguments) else 0
        if letter == "A":
            self.row = max(self.top, self.row - max(1, first))
        elif letter == "B":
            self.row = min(self.top + self.height - 1, self.row + max(1, first))
        elif letter == "C":
            self.column = min(self.columns - 1, self.column + max(1, first))
        elif letter == "D":
            self.column = max(0, self.column - max(1, first))
        elif letter == "G":
            self.column = max(1, first) - 1
        elif letter == "K":
            del self.rows[self.row][0 if first == 2 else self.column:]
        elif letter == "J":
            del self.rows[self.row][self.column:]
            del self.rows[self.row + 1:], self.wrapped[self.row + 1:]
            self.wrapped[self.row] = False
        self._reach()

    def _put(self, char):
        width = _width(char)
        if width == 0:
            line = self.rows[self.row]
            if 0 < self.column <= len(line):
                line[self.column - 1] += char
            return
        if self.column + width > self.columns:
            self.wrapped[self.row] = True
            self.row, self.column = self.row + 1, 0
            self._reach()
        line = self.rows[self.row]
        line.extend(" " * (self.column + width - len(line)))
        line[self.column:self.column + width] = [char] + [""] * (width - 1)
        self.column += width

    def feed(self, text):
        at = 0
        while at < len(text):
            match = _CONTROL.match(text, at)
            if match:
                at = match.end()
                self._control(match.group(1) or "", match.group(2))
                continue
            char = text[at]
            at += 1
            if char == "\r":
                self.column = 0
            elif char == "\n":
                self.row += 1
                self._reach()
            elif char == "\b":
                self.column = max(0, self.column - 1)
            elif char >= " ":
                self._put(char)

    def resize(self, height, columns):
        """What was wrapped is wrapped anew."""
        old = list(zip(self.rows, self.wrapped))
        cursor = self.row, self.column
        self.__init__(height, columns)
        for number, (cells, wrapped) in enumerate(old):
            if number == cursor[0]:
                self.feed("".join(cells[:cursor[1]]))
                place = self.row, self.column
                self.feed("".join(cells[cursor[1]:]))
            else:
                self.feed("".join(cells))
            if not wrapped and number + 1 < len(old):
                self.feed("\r\n")
        self.row, self.column = place
        if self.column == self.columns:
            self.row, self.column = self.row + 1, 0
            self._reach()

    def lines(self, unwrapped=False):
        found = [""]
        for cells, wrapped in zip(self.rows, self.wrapped):
            found[-1] += "".join(cells)
            if not (wrapped and unwrapped):
                found.append("")
        return [line.rstrip() for line in found[:-1]]
