"""The table that a benchmark prints."""

import sys


class Table:
    """Lines of what, measured, target, verdict."""

    def __init__(self):
        self.lines = [("what", "measured", "target", "verdict")]

    def add(self, what, measured, target="", holds=None):
        # Who waits for the table sees how far it is.
        print(f"{what}: {measured}", file=sys.stderr, flush=True)
        self.lines.append((what, measured, target, {None: "", True: "ok", False: "MISSED"}[holds]))

    def __str__(self):
        widths = [max(map(len, column)) for column in zip(*self.lines)]
        rows = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in self.lines]
        rows.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        return "\n".join(rows)
