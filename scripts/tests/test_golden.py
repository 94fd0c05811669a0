"""The program and the loader say the same of every file of reports/golden and of its damaged variants.

CROSSTALK_CSV_VERDICT names the program that says what the C++ readers say; without it the one of preset ci is taken.
"""

import codecs
import csv
import math
import os
import pathlib
import subprocess
import sys

import pandas as pd
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import crosstalk_csv  # noqa: E402
import sample_results  # noqa: E402
from crosstalk_csv import CsvError  # noqa: E402

GOLDEN = ROOT / "reports" / "golden"
NAMES = ("runs", "latency", "intervals", "clients", "environment", "comparison", "blocks", "map", "capacity", "history")
LOADERS = {name: getattr(crosstalk_csv, f"load_{name}") for name in NAMES}
COLUMNS = {name: getattr(crosstalk_csv, f"{name.upper()}_COLUMNS") for name in NAMES}


def unescaped(text):
    return codecs.escape_decode(text.encode("utf-8").replace(b"\\0", b"\\x00"))[0]


def cases():
    """(text of the line, name of the file, verdict, operation, arguments) of damage.txt."""
    for line in (GOLDEN / "damage.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            first, *arguments = line.split(" | ")
            yield line, *first.split(), [unescaped(argument) for argument in arguments]


def raw_lines(data):
    """Cells as they stand in the file, quotes and all."""
    lines = []
    for line in data.splitlines():
        cells, quoted = [b""], False
        for at in range(len(line)):
            byte = line[at:at + 1]
            quoted ^= byte == b'"'
            if byte == b"," and not quoted:
                cells.append(b"")
            else:
                cells[-1] += byte
        lines.append(cells)
    return lines


def damaged(data, operation, arguments):
    if operation in ("replace", "every"):
        assert arguments[0] in data
        return data.replace(*arguments, 1 if operation == "replace" else -1)
    if operation in ("prepend", "append"):
        return arguments[0] + data if operation == "prepend" else data + arguments[0]
    if operation == "keep":
        return data[:int(arguments[0])]
    if operation.startswith("utf16"):
        little = operation == "utf16le"
        return (b"\xff\xfe" if little else b"\xfe\xff") + b"".join(
            bytes((byte, 0) if little else (0, byte)) for byte in data)
    lines = raw_lines(data)
    if operation in ("cell", "rowcell"):
        line = 2 if operation == "cell" else int(arguments.pop(0))
        lines[line - 1][lines[0].index(arguments[0])] = arguments[1]
    elif operation == "header":
        lines = lines[:1]
    elif operation == "again":
        lines.append(lines[int(arguments[0]) - 1])
    elif operation == "reverse":
        lines = [cells[::-1] for cells in lines]
    elif operation == "column":
        lines = [[b'"' + arguments[1] + b'"' if number else arguments[0], *cells] for number, cells in enumerate(lines)]
    return b"".join(b",".join(cells) + b"\n" for cells in lines)


def value_text(value, kind):
    if kind in ("text", "label"):
        return str(value)
    if pd.isna(value):
        return ""
    return "%.17g" % value if kind.startswith("decimal") else str(int(value))


def said_by_the_loader(name, folder):
    """The verdict in the words of crosstalk_csv_verdict, up to the line number of a refusal."""
    try:
        frame = LOADERS[name](folder)
    except CsvError as error:
        return f"refused {error.line}"
    columns = [[value_text(value, kind) for value in frame[column].tolist()] for column, kind in COLUMNS[name].items()]
    return "\n".join(["accepted", *("".join(f"{cell}\x1f" for cell in row) for row in zip(*columns))])


def said_by_the_program(arguments):
    named = os.environ.get("CROSSTALK_CSV_VERDICT")
    program = pathlib.Path(named) if named else ROOT / "build" / "ci" / "crosstalk_csv_verdict"
    if not program.is_file():
        pytest.fail("no program to ask: build target crosstalk_csv_verdict of preset ci or set CROSSTALK_CSV_VERDICT")
    done = subprocess.run([program, *arguments], capture_output=True, timeout=300, check=True)
    verdicts = done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
    return [f"refused {said.split(':')[1]}" if said.startswith("refused") else said for said in verdicts]


def check_agreement(variants, tmp_path):
    """variants: (text, name of the file, bytes, verdict that both must have or None)."""
    arguments, loader = [], []
    for number, (_, name, data, _) in enumerate(variants):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / f"{name}.csv").write_bytes(data)
        loader.append(said_by_the_loader(name, folder))
        arguments += [name, str(folder / f"{name}.csv")]
    program = said_by_the_program(arguments)
    assert len(program) == len(variants)
    wrong = [f"{text}\n  the program: {theirs[:200]}\n  the loader:  {ours[:200]}"
             for (text, _, _, wanted), theirs, ours in zip(variants, program, loader)
             if theirs != ours or wanted and not ours.startswith(wanted)]
    assert not wrong, f"{len(wrong)} disagreements:\n" + "\n".join(wrong[:20])


def test_both_readers_say_the_same_of_damaged_files(tmp_path):
    variants = [(text, name, damaged((GOLDEN / f"{name}.csv").read_bytes(), operation, arguments),
                 "accepted" if verdict == "ok" else f"refused {verdict}")
                for text, name, verdict, operation, arguments in cases()]
    assert len(variants) > 780
    check_agreement(variants, tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_both_readers_say_the_same_of_every_prefix(name, tmp_path):
    data = (GOLDEN / f"{name}.csv").read_bytes()
    # All of the small ones; of the wide ones every seventh byte, and all around the ends of lines.
    lengths = [length for length in range(len(data)) if len(data) < 1000 or length % 7 == 0 or b"\n" in data[length - 2:length + 2]]
    check_agreement([(f"{name}, {length} bytes", name, data[:length], None) for length in lengths], tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_the_loader_knows_columns_and_kinds_of_the_schema(name):
    kinds = {"label": "text", **{kind: kind for kind in ("text", "word", "natural", "decimal", "flag")},
             **{f"{kind}?": f"maybe_{kind}" for kind in ("natural", "decimal", "flag")}}
    schema = sample_results.schema_kinds("k" + name.capitalize())
    assert [(column, kinds[kind]) for column, kind in COLUMNS[name].items()] == schema


def test_the_golden_files_show_every_kind_of_cell():
    with open(GOLDEN / "runs.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["role"] for row in rows} == {"", "floor"}
    assert any(row["reach"] for row in rows) and not all(row["reach"] for row in rows)
    assert math.isclose(float(rows[0]["achieved_ops_s"]), 1234.5)
