#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""Proves the gate: runs gates of which the answer is known, and counts what they said. harness/ACCURACY.md is made of it.

  record    gates of a program against itself, slowed down, linked otherwise, or beside a neighbour: runs.csv and all pairs
  spread    table: by how much the two blocks of a pair differ, by scenario and metric, in recorded pairs
  runs      table: what recorded gates said, by kind
  replay    table: false alarms, power and seconds of the gates that `crosstalk_gate_replay` played on recorded pairs
  rivals    chart and tables: the gate and the rules of other tools on the same blocks, of `crosstalk_gate_trials`

Tables are Markdown; intervals of shares are those of Clopper and Pearson (1934), 95 %. Exit codes: 0 ok; 2 usage, or a
file that cannot be used; 4 nothing to show, or somebody else records there; 7 a file cannot be written; those of the gate
where it could not be run.
"""

import argparse
import signal
import sys
from pathlib import Path

from gate_recording import Failed, Kind, Recorder

USUAL_KINDS = "same"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_record(commands)
    add_tables(commands)
    add_rivals(commands)
    for each in (parser, *commands.choices.values()):
        each.error = lambda message, each=each: each.exit(2, f"{each.prog}: {message}\n")
    argv = sys.argv[1:] if argv is None else argv
    gate_flags = argv[argv.index("--") + 1:] if "--" in argv else []
    options = parser.parse_args(argv[:argv.index("--")] if "--" in argv else argv)
    if gate_flags and options.command != "record":
        commands.choices[options.command].error("flags behind -- are for the gates of record")
    options.gate_flags = gate_flags
    return options.act(commands.choices[options.command], options)


def add_record(commands):
    record = commands.add_parser("record", usage="%(prog)s --base PROGRAM --out DIR --minutes M [--kinds LIST] [-- FLAG...]",
                                 description="Runs gates one after another, each with a seed of its own. May be killed"
                                 " and called again: it goes on where it was. Flags behind -- are given to every gate.")
    record.add_argument("--base", required=True, type=program, metavar="PROGRAM", help="crosstalk")
    record.add_argument("--out", required=True, type=Path, metavar="DIR", help="holds runs.csv, and a folder per gate")
    record.add_argument("--minutes", required=True, type=minutes, metavar="M", help="no gate begins later than that")
    record.add_argument("--kinds", type=kinds, default=USUAL_KINDS, metavar="LIST",
                        help="in turn: same, inject=PCT, links, changed, neighbour, series (default same)")
    record.add_argument("--links", type=programs, default="", metavar="LIST",
                        help="of kind links: links of one program, half of which are drawn for each side")
    record.add_argument("--changed", type=programs, default="", metavar="LIST",
                        help="of kind changed: programs that differ from it in nothing that matters, of which one is drawn")
    record.add_argument("--seed", type=int, default=1000, metavar="N", help="of gate number k: N + k (default 1000)")
    record.set_defaults(act=do_record)


def add_tables(commands):
    for name, what in (("spread", "pairs.csv of a gate, or the folder of a recording"), ("runs", "runs.csv of record"),
                       ("replay", "what crosstalk_gate_replay wrote")):
        table = commands.add_parser(name, description=f"Prints a table. FILE: {what}.")
        table.add_argument("files", nargs="+", type=Path, metavar="FILE")
        table.set_defaults(act=do_table)


def add_rivals(commands):
    rivals = commands.add_parser("rivals", description="Prints two tables and draws a chart.")
    rivals.add_argument("trials", metavar="TRIALS.csv", type=Path, help="what crosstalk_gate_trials wrote")
    rivals.add_argument("--output", metavar="FILE", type=Path,
                        help="FILE.png or FILE.svg (default: TRIALS.png and TRIALS.svg beside it)")
    rivals.add_argument("--format", choices=("png", "svg", "both"),
                        help="what to write (default: what FILE ends in, else both)")
    rivals.set_defaults(act=do_rivals)


def do_record(parser, options):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        recorder = Recorder(options.out, options.base, options.links, options.seed, options.gate_flags,
                            options.changed)
        count = recorder.record(options.kinds, options.minutes, lambda text: print(text, flush=True))
    except Failed as failure:
        print(f"{parser.prog}: {failure}", file=sys.stderr)
        return failure.code
    except OSError as error:
        print(f"{parser.prog}: {error.filename or options.out}: {error.strerror}", file=sys.stderr)
        return 7
    except KeyboardInterrupt:
        return 130
    print(f"{count} gates recorded, {recorder.done} in {options.out}")
    return 0


# The drawing and the tables need packages that recording can do without.
def do_table(parser, options):
    import plot_style
    import gate_tables
    return plot_style.guarded(parser.prog, lambda: print(gate_tables.TABLES[options.command](options.files)))


def do_rivals(parser, options):
    import plot_style
    import gate_rivals
    outputs = plot_style.outputs_of(parser, options, options.trials.with_suffix(".png"))
    return plot_style.guarded(parser.prog, lambda: gate_rivals.show(options.trials, outputs))


def program(text):
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"no such program: {text}")
    return path.resolve()


def programs(text):
    return [program(each) for each in text.split(",") if each]


def minutes(text):
    value = float(text)
    if not 0 <= value <= 100_000:
        raise argparse.ArgumentTypeError(f"must be between 0 and 100000, got {text}")
    return value


def kinds(text):
    try:
        return [Kind(each) for each in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
