# /// script
# requires-python = ">=3.9"
# dependencies = []
# ///
"""Files that are there complete or not at all, and the names of files as text that can be printed."""

import os


def write_whole(path, data):
    """Writes all of the bytes or nothing; returns the path. Throws OSError with this path.

    What exists and is no regular file (a pipe, a device) is written to directly: moving a file there would replace it.
    """
    in_place = path.exists() and not path.is_file()
    part = path if in_place else path.with_name(path.name + ".part")
    try:
        part.write_bytes(data)
        if not in_place:
            os.replace(part, path)
    except OSError as error:
        if not in_place and part.is_file():
            part.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from error
    return path


def printable(text):
    """The text with U+FFFD for the bytes of a file's name that are not UTF-8, which Python keeps as lone surrogates."""
    return str(text).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
