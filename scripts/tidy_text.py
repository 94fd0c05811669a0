"""tidy.py's rules about plain text: words that have no place in the repository, and functions by language."""

import ast
import fnmatch
import re

from tidy_cpp import Function
from tidy_ratchet import Finding

# One letter of each stands in brackets, so that this list does not find itself.
BANNED = [
    (re.compile(r"(?<![\w.~-])/(?:w[o]rk|r[o]ot|U[s]ers|h[o]me/\w+)(?=/)"), "a path of one machine"),
    (re.compile(r"\b(?:deb|security|snapshot|ftp)\.d[e]bian\.org\b|\bp[y]pi\.org\b|\bp[y]thonhosted\.org\b"
                r"|\bregistry\.n[p]mjs\.org\b|\bproxy\.g[o]lang\.org\b|\bcr[a]tes\.io\b"), "the host of a registry"),
    (re.compile(r"\b(?:T[O]DO|F[I]XME|X[X]X|H[A]CK|W[I]P)\b"), "a mark of unfinished work"),
    (re.compile(r"\b(?:A[I]|L[L]Ms?|GP[T])\b"), "a word that says nothing about the program"),
    (re.compile(r"\b(?:ag[e]nt|assist[a]nt|pr[o]mpt)s?\b", re.I), "a word that says nothing about the program"),
    (re.compile(r"\b(?:cl[a]ude|ch[a]tgpt|cop[i]lot|anthr[o]pic|open[a]i)\b", re.I), "the name of a tool"),
    (re.compile(r"^(?:<{7}|>{7}|={7})(?: |$)", re.M), "the mark of a merge conflict"),
]
# (files, text, why it is right there): the only places where the text may stand.
ALLOWED = []


def check_banned(tree):
    for path, text in tree.texts.items():
        for pattern, what in BANNED:
            for found in pattern.finditer(text):
                if not _allowed(path, found[0]):
                    line = text.count("\n", 0, found.start()) + 1
                    yield Finding(path, line, "banned", f"'{found[0]}' is {what}")
            if (found := pattern.search(path)) and not _allowed(path, found[0]):
                yield Finding(path, 1, "banned", f"'{found[0]}' in the name is {what}")


def _allowed(path, text):
    return any(fnmatch.fnmatch(path, files) and text.lower() == allowed.lower() for files, allowed, _ in ALLOWED)


def functions(path, text, source):
    """The functions of a C++ (its source given), Python or shell file."""
    if source is not None:
        return source.functions()
    if path.endswith(".py"):
        return _python_functions(text)
    if path.endswith(".sh") or text.startswith(("#!/usr/bin/env bash", "#!/bin/sh")):
        return _shell_functions(text)
    return []


def _python_functions(text):
    try:
        nodes = ast.walk(ast.parse(text))
    except SyntaxError:
        return []  # whoever runs it will hear of it
    return [Function(node.name, node.lineno, node.end_lineno) for node in nodes
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def _shell_functions(text):
    found = []
    name, first = None, 0
    for number, line in enumerate(text.splitlines(), 1):
        if opening := re.match(r"(\w+)\(\) *\{$", line):
            name, first = opening[1], number
        elif line == "}" and name:
            found.append(Function(name, first, number))
            name = None
    return found
