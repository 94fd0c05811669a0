# /// script
# requires-python = ">=3.9"
# dependencies = ["numpy", "pandas"]
# ///
"""Reads a CSV file whose columns and their kinds are known as a data frame, or refuses it with file and line.

Two ways lead to the same result. The fast one checks the bytes of all cells at once and leaves the numbers to pandas'
own parser; whatever it cannot vouch for goes the strict way, where every different text is looked at and the reason
is said.
"""

import csv
import io
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd

# Files are checked in pieces of about this size.
PIECE_BYTES = 1 << 17
# Up to so many digits a double holds every whole number, which is how the fast way reads cells that may be empty.
EXACT_DIGITS = 15


class CsvError(ValueError):
    """A damaged file. The text is FILE:LINE: reason, or FILE: reason where it could not be read at all."""

    def __init__(self, path, line, reason):
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path, self.line, self.reason = Path(path), line, reason


def load_table(path, kinds, data=None, later=()):
    """The file as a data frame; `kinds` is {column: kind}, other columns are kept as text. `data`: its bytes, if known.

    Columns of `later` may be missing and are then empty in every row.

    Kinds of cells. A "?" allows an empty one, which means "not measured" and never zero. natural: a whole number; word:
    one that needs all of its 64 bits; decimal; flag: 0 or 1; text; label: a text of which a column holds few different
    ones.
    """
    data = _checked(path, read_bytes(path) if data is None else data)
    names = _check_header(path, data, [name for name in kinds if name not in later])
    missing = {name: kinds[name] for name in later if name not in names}
    kinds = {name: kinds.get(name, "text") for name in names}
    plain = _check_shape(path, data, kinds)
    frame = _parse_plain(data, kinds) if plain else None
    if frame is None:
        cells = pd.read_csv(io.BytesIO(data), dtype=str, na_filter=False, **_as_it_stands(names))
        frame = pd.DataFrame({name: _convert(path, name, kind, cells[name]) for name, kind in kinds.items()})
    nothing = pd.DataFrame({name: _nothing(kind, frame.index) for name, kind in missing.items()}, index=frame.index)
    return pd.concat([frame, nothing], axis=1) if missing else frame


def _nothing(kind, index):
    """A column of empty cells, whether the kind allows them or not."""
    if kind in ("text", "label"):
        return pd.Series("", index=index, dtype=object)
    return pd.Series(pd.NA if kind.rstrip("?") != "decimal" else math.nan, index=index, dtype=_DTYPES[kind.rstrip("?") + "?"])


def quoted(text):
    """A cell as it may stand in a message: in one line, and not a screenful."""
    return repr(text) if len(text) <= 60 else repr(text[:60]) + "..."


def read_bytes(path):
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CsvError(path, None, f"cannot be opened: {error.strerror}") from error


def _checked(path, data):
    """The bytes without byte order mark and carriage returns."""
    data = data[3:] if data.startswith(b"\xef\xbb\xbf") else data

    def fail(position, reason):
        raise CsvError(path, data.count(b"\n", 0, position) + 1, reason)

    if not data:
        fail(0, "the file is empty")
    if b"\0" in data or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        fail(max(data.find(b"\0"), 0), "a NUL byte (is the file UTF-16?)")
    if not data.endswith(b"\n"):
        fail(len(data), "the last line is cut off")
    if b"\r" in data:
        alone = re.search(rb"\r(?!\n)", data)
        if alone:
            fail(alone.start(), "a carriage return within the line")
        data = data.replace(b"\r\n", b"\n")
    if not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            fail(error.start, "not UTF-8")
    return data


def _check_header(path, data, needed):
    try:
        names = next(csv.reader([data[:data.index(b"\n")].decode("utf-8")]))
    except csv.Error as error:
        raise CsvError(path, 1, f"not a header: {error}") from error
    for name in needed:
        if name not in names:
            raise CsvError(path, 1, f"column missing: {name}")
    for name in sorted(set(names)):
        if names.count(name) > 1:
            raise CsvError(path, 1, f"column twice: {quoted(name)}")
    return names


def _check_shape(path, data, kinds):
    """Refuses lines with too few or too many cells, and quotes that do not follow RFC 4180 or span lines.

    Returns whether every cell of a number is one that pandas may parse.
    """
    plain = _Plain(kinds)
    line, start = 1, 0
    while start < len(data):
        # A piece ends with a line.
        end = data.find(b"\n", min(start + PIECE_BYTES, len(data) - 1)) + 1
        text = np.frombuffer(data, np.uint8, end - start, start)
        separators = np.flatnonzero((text == ord("\n")) | (text == ord(",")))
        if data.find(b'"', start, end) >= 0:
            inside = np.cumsum(text == ord('"'), dtype=np.int32) % 2 == 1
            wrong = _wrong_quote(text, inside)
            if wrong is not None:
                line += np.count_nonzero(text[:wrong] == ord("\n"))
                raise CsvError(path, line, "a quote that is not closed, or stands within a cell")
            separators = separators[~inside[separators]]
        ends = np.flatnonzero(text[separators] == ord("\n"))
        cells = np.diff(ends, prepend=-1)
        wrong = cells != len(kinds)
        if wrong.any():
            where = int(wrong.argmax())
            raise CsvError(path, line + where, f"{cells[where]} cells, but the header has {len(kinds)}")
        plain.check(text, separators.reshape(-1, len(kinds)), header=line == 1)
        line, start = line + len(ends), end
    return plain.holds


def _wrong_quote(text, inside):
    """Position of the first quote that neither opens, closes nor doubles, or of an end of line within quotes."""
    quotes = np.flatnonzero(text == ord('"'))
    before = np.where(quotes > 0, text[quotes - 1], ord("\n"))
    after = text[quotes + 1]
    edge = np.where(inside[quotes], before, after)
    stray = quotes[~np.isin(edge, (ord(","), ord("\n"), ord('"')))]
    broken = np.flatnonzero(inside & (text == ord("\n")))
    found = np.concatenate((stray[:1], broken[:1]))
    return int(found.min()) if len(found) else None


class _Plain:
    """Whether the cells of numbers hold nothing that pandas takes and _value() does not: " 12", "+1", "nan", "1.0"."""

    # A byte that is no digit counts as one, one that is in no decimal as FOREIGN; separators count as nothing.
    FOREIGN = 1 << 32
    WEIGHTS = np.full(256, FOREIGN, np.int64)
    WEIGHTS[[*b".eE+-"]] = 1
    WEIGHTS[[*b"0123456789,\n"]] = 0
    LONGEST = {"natural": 18, "natural?": EXACT_DIGITS, "word": 20, "flag": 1, "flag?": 1}
    LONGEST_DECIMAL = 400

    def __init__(self, kinds):
        self.holds = True
        kinds = list(kinds.values())
        self.numbers = np.flatnonzero([kind not in ("text", "label") for kind in kinds])
        numbers = [kinds[column] for column in self.numbers]
        self.weight = np.array([self.FOREIGN - 1 if kind.startswith("decimal") else 0 for kind in numbers], np.int64)
        self.longest = np.array([self.LONGEST.get(kind, self.LONGEST_DECIMAL) for kind in numbers], np.int64)
        self.full = np.flatnonzero([not kind.endswith("?") for kind in numbers])
        self.real = np.flatnonzero(self.weight)

    def check(self, text, separators, header):
        """`separators`: the position that ends each cell, a row a line."""
        if not self.holds or not len(self.numbers):
            return
        # From the separator before a cell to that behind it; the first cell of the piece has none before it.
        last = separators[:, self.numbers]
        before = np.concatenate(([-1], separators.ravel()[:-1])).reshape(separators.shape)[:, self.numbers]
        last, before = last[int(header):], before[int(header):]
        seen = np.cumsum(self.WEIGHTS[text])
        length = last - before
        self.holds = bool((seen[last] - np.where(before < 0, 0, seen[before]) <= self.weight).all()
                          and (length <= self.longest + 1).all() and (length[:, self.full] > 1).all()
                          and not (text[before[:, self.real] + 1] == ord("+")).any())


def _parse_plain(data, kinds):
    """The fast way; None where a number is none after all, or out of range."""
    types = {name: _PARSED[kind] for name, kind in kinds.items()}
    empty = {name: [""] for name, kind in kinds.items() if kind.endswith("?")}
    # Pandas' usual parser is off by a bit in some fractions, but exact in whole numbers of so few digits.
    precision = "round_trip" if any(kind.startswith("decimal") for kind in kinds.values()) else None
    try:
        frame = pd.read_csv(io.BytesIO(data), dtype=types, na_values=empty, keep_default_na=False,
                            float_precision=precision, **_as_it_stands(list(kinds)))
    except (ValueError, OverflowError):
        return None
    columns = {}
    for name, kind in kinds.items():
        values = frame[name]
        if kind.startswith("decimal") and np.isinf(values.to_numpy()).any():
            return None
        if kind.startswith("flag") and (values > 1).any():
            return None
        if kind in ("natural?", "flag?"):
            known = values.to_numpy()
            empty = np.isnan(known)
            known = np.where(empty, 0, known).astype("int64")
            values = (pd.arrays.IntegerArray(known, empty) if kind == "natural?"
                      else pd.arrays.BooleanArray(known == 1, empty))
        columns[name] = values == 1 if kind == "flag" else values
    return pd.DataFrame(columns)


def _as_it_stands(names):
    return {"names": names, "header": 0, "index_col": False, "skip_blank_lines": False}


def _convert(path, name, kind, cells):
    """A column of text as its type. Each different text is looked at once."""
    if kind == "text":
        return cells
    if kind == "label":
        return cells.astype("category")
    codes, texts = pd.factorize(cells)
    values = []
    for text in texts:
        value, reason = _value(kind, text)
        if reason:
            raise CsvError(path, int((codes == len(values)).argmax()) + 2, f"{name}: {reason}, got {quoted(text)}")
        values.append(value)
    return pd.Series(pd.array(values, dtype=_DTYPES[kind]).take(codes), name=name)


_DTYPES = {"natural": "int64", "natural?": "Int64", "word": "uint64", "decimal": "float64", "decimal?": "float64",
           "flag": "bool", "flag?": "boolean"}
# What the fast way has pandas parse.
_PARSED = {"natural": "int64", "natural?": "float64", "word": "uint64", "decimal": "float64", "decimal?": "float64",
           "flag": "int64", "flag?": "float64", "text": "str", "label": "category"}
_DECIMAL = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def _value(kind, text):
    """The value of a cell and None, or None and the reason why it has none."""
    if text == "" and kind.endswith("?"):
        return (math.nan if kind == "decimal?" else pd.NA), None
    if kind.startswith("flag"):
        return (text == "1", None) if text in ("0", "1") else (None, "must be 0 or 1")
    if kind.startswith("decimal"):
        value = float(text) if _DECIMAL.fullmatch(text) else math.inf
        return (value, None) if math.isfinite(value) else (None, "must be a number")
    largest = 2**64 - 1 if kind == "word" else 2**63 - 1
    value = int(text) if re.fullmatch("[0-9]{1,20}", text) else largest + 1
    return (value, None) if value <= largest else (None, f"must be a whole number from 0 to {largest}")
