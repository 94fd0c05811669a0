# /// script
# requires-python = ">=3.9"
# dependencies = ["numpy", "pandas"]
# ///
"""What crosstalk_csv.py refuses beyond cells that are not of their kind: each raises CsvError for the first row that is wrong."""

import re

from csv_table import CsvError, quoted

DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"


def check_words(path, column, known):
    unknown = ~column.isin(known)
    if unknown.any():
        row = int(unknown.to_numpy().argmax())
        raise CsvError(path, row + 2, f"{column.name}: unknown: {quoted(column[row])}")


def check_dates(path, frame):
    wrong = ~frame["date"].map(lambda text: re.fullmatch(DATE, text) is not None).astype(bool)
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise CsvError(path, row + 2, f"date: must be like 2026-01-31T04:00:00Z, got {quoted(frame['date'][row])}")


def check_positive(path, frame, columns):
    for name in columns:
        wrong = (frame[name] <= 0).to_numpy()
        if wrong.any():
            row = int(wrong.argmax())
            raise CsvError(path, row + 2, f"{name}: must be above 0, got {frame[name][row]:g}")


def check_beside_ratio(path, frame, columns):
    for name in columns:
        missing = (frame["ratio"].notna() & frame[name].isna()).to_numpy()
        if missing.any():
            raise CsvError(path, int(missing.argmax()) + 2, f"{name}: must stand where there is a ratio")


def check_trials(path, runs):
    wrong = ~runs["trace_hash"].str.fullmatch("[0-9a-fA-F]{16}").to_numpy(dtype=bool)
    if wrong.any():
        row = int(wrong.argmax())
        raise CsvError(path, row + 2, f"trace_hash: must be 16 hexadecimal digits, got {quoted(runs['trace_hash'][row])}")
    whole = (runs["op"] == "all").groupby([runs["run_id"], runs["trial"]]).transform("any").to_numpy(dtype=bool)
    if not whole.all():
        row = int(whole.argmin())
        raise CsvError(path, row + 2, f"trial {runs['trial'][row]} of run {runs['run_id'][row]} has no row of op all")
