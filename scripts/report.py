#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""Writes a report page: one HTML file with the answer, tables and plots, that opens from disk without a network.

    scripts/report.py RESULTS_DIR             RESULTS_DIR/report.html: which strategy survives?
    scripts/report.py BEFORE_DIR AFTER_DIR    AFTER_DIR/comparison.html: what changed?

Two folders were measured at different times, so their blocks are no pairs: the page says how much of a change the spread
within the folders explains, and never what caused it. Configurations of different traces, and folders of different machines, are
marked. Plots are drawn by d3, which the page holds whole (Debian package node-d3).

Exit codes: 0; 2 usage, a damaged file (named with its line), or no d3; 4 nothing was measured; 6 the two folders have nothing
in common that could be compared; 7 the page could not be written.
"""

import argparse
import sys
from pathlib import Path

import plot_style as style  # first: it says in one line which packages are missing

from crosstalk_csv import CsvError
from output_file import printable, write_whole
from report_changes import NothingInCommon, changes_page
from report_data import read
from report_page import page

PROGRAM = "report.py"
# Where Debian's node-d3 puts it.
D3 = Path("/usr/share/nodejs/d3/dist/d3.min.js")


def main(argv=None):
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.error = lambda message: parser.exit(2, f"{PROGRAM}: {message}\n")
    parser.add_argument("results", metavar="RESULTS_DIR", nargs="+", type=Path,
                        help="folder that `crosstalk run --out` wrote; of two the first is the earlier one")
    parser.add_argument("--out", metavar="FILE", type=Path, help="where the page goes")
    parser.add_argument("--d3", metavar="FILE", type=Path, default=D3, help=f"version 5 of d3, minified (default: {D3})")
    options = parser.parse_args(argv)
    if len(options.results) > 2:
        parser.error(f"RESULTS_DIR: one or two, got {len(options.results)}")
    try:
        d3 = library(options.d3)
    except (OSError, ValueError) as error:
        parser.error(f"--d3: {options.d3}: {getattr(error, 'strerror', None) or error}; on Debian: apt-get install node-d3")
    out = options.out or options.results[-1] / ("report.html" if len(options.results) == 1 else "comparison.html")
    try:
        # The name of a folder, which the page says, may be none.
        print(printable(write_whole(out, printable(text_of(options.results, d3)).encode("utf-8"))))
    except CsvError as error:
        return told(2, error)
    except style.NothingToDraw as error:
        return told(4, error)
    except NothingInCommon as error:
        return told(6, error)
    except OSError as error:
        return told(7, f"{error.filename or 'standard output'}: {error.strerror}")
    return 0


def text_of(folders, d3):
    return page(read(folders[0]), d3) if len(folders) == 1 else changes_page(*map(read, folders), d3)


def library(path):
    text = path.read_text(encoding="utf-8")
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError("cannot stand within a page")
    if not text.startswith("// https://d3js.org v5."):
        raise ValueError("is not version 5 of d3, minified")
    return text


def told(code, message):
    print(f"{PROGRAM}: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
