# /// script
# requires-python = ">=3.9"
# dependencies = ["matplotlib", "numpy", "pandas"]
# ///
"""Draws a file of intervals again and again while a program appends to it."""

import signal
import threading

import plot_style as style

from crosstalk_csv import load_growing_intervals

PAUSE_S = 1.0  # between two looks at the file, and so between two pictures


def follow(path, figure_of, outputs, stop=None):
    """Writes `outputs` whenever the file has grown, until Ctrl-C, SIGTERM, or `stop` (a threading.Event) is set.

    The file need not be there yet, and may begin anew. Its last state is always drawn. Throws CsvError for a line that
    is damaged, NothingToDraw if there never was anything to draw.
    """
    stop = stop or threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        drawn = _redraw(path, figure_of, outputs, stop)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if not drawn:
        raise style.NothingToDraw(f"{path}: no slice of a trial was written")


def _redraw(path, figure_of, outputs, stop):
    """Returns whether anything was drawn."""
    drawn, seen = False, None
    while True:
        ending = stop.is_set()
        state = _state(path)
        if state != seen:
            seen = state
            intervals = load_growing_intervals(path) if state else None
            if intervals is not None and (intervals["op"] == "all").any():
                for output in outputs:
                    style.save(figure_of(intervals), output)
                if not drawn:
                    print("\n".join(map(str, outputs)), flush=True)
                drawn = True
        if ending:
            return drawn
        stop.wait(PAUSE_S)


def _state(path):
    """What changes when the file does; None while it is not there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino
