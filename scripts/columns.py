#!/usr/bin/env python3
"""Writes reports/COLUMNS.md, the reference of every column of every result file, from what the program says of itself:

    build/bench/crosstalk list --metrics --format csv | scripts/columns.py

The texts stand in reports/schema.cpp and its neighbours; a test compares the file with the program.
"""

import csv
import pathlib
import sys

TARGET = pathlib.Path(__file__).resolve().parent.parent / "reports" / "COLUMNS.md"
INTRODUCTION = """\
# Columns of the result files

Written by `scripts/columns.py` from `crosstalk list --metrics`; change the text in `reports/schema.cpp`.

Files are CSV by RFC 4180: a header, lines that end in LF, UTF-8, `.` decimals, no `nan`. An empty cell means "not measured" and
never zero. Columns are only ever appended; read them by name. A percentile needs 5.6 / (1 - p) samples, or its cell is empty.
`plan.csv` has a column for every flag of `crosstalk run`; traces are described in `workloads/trace_csv.h`, the files of
`scripts/microbench.py` in its own `--help`.
"""


def cell(text):
    return text.replace("\\", "\\\\").replace("|", "\\|")


def reference(rows):
    """The text of COLUMNS.md. `rows`: dictionaries with file, column, unit, meaning, measured, empty."""
    parts = [INTRODUCTION]
    for name in dict.fromkeys(row["file"] for row in rows):
        parts.append(f"\n## {name}\n\n| column | unit | meaning | how measured | empty when |\n| --- | --- | --- | --- | --- |\n")
        for row in rows:
            if row["file"] == name:
                cells = (f"`{row['column']}`", row["unit"], row["meaning"], row["measured"], row["empty"])
                parts.append("| " + " | ".join(map(cell, cells)) + " |\n")
    return "".join(parts)


def main():
    if len(sys.argv) > 1:
        print(__doc__, end="")
        return 0 if sys.argv[1] in ("-h", "--help") else 2
    rows = list(csv.DictReader(sys.stdin, strict=True))
    if not rows:
        print("columns.py: nothing on standard input; see --help", file=sys.stderr)
        return 2
    TARGET.write_text(reference(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
