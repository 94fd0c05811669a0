#!/usr/bin/env python3
"""Checks the rules of this repository that no compiler checks; prints FILE:LINE: RULE: what is wrong.

Rules: include (which module may see which), library-io (libraries neither print nor exit), listed (CMake knows every
file), untested (every .cpp has a test), same-name (sources that may be compiled as one do not hide two things behind one name), banned (machine paths, registry hosts, unfinished marks, words that have no
place here), file-length, function-length, memory-order (every atomic access names its order and says why), sleep (no
test sleeps), format (clang-format 14, where it is installed).

Known exceptions stand in tidy_ratchet.txt. They may only shrink.
"""

import argparse
import fnmatch
import pathlib
import re
import subprocess
import sys

import tidy_text
from tidy_cpp import Source
from tidy_ratchet import Finding, Ratchet

MODULES = ("pool", "workloads", "reports", "harness")
# The examples are a project of their own: a user of the library like any other.
EXAMPLES = "harness/examples/"
SEES = {"pool": {"pool"}, "workloads": {"workloads"}, "reports": {"reports"}, "harness": set(MODULES),
        EXAMPLES: {"harness", "pool"}}
FILE_LINES = {".h": 250, ".cpp": 400, ".py": 400, ".sh": 400, ".cmake": 400}
FUNCTION_LINES = 60
# Sources that no library is made of.
OF_TESTS = ("_test.cpp", "_bench.cpp", "_fuzz.cpp")

# Files of the libraries that may do what libraries may not, and why.
IO_ALLOWED = {
    "reports/csv_verdict.cpp": "a program for tests",
    "reports/gate_trials_program.cpp": "a program for scripts/validate_gate.py",
    "harness/gate/gate_replay_program.cpp": "likewise",
    "harness/run_main.cpp": "the program: its streams are chosen here",
    "harness/child.cpp": "a forked child has to leave without running its parent's destructors",
    "harness/verify/child_end.cpp": "a child that runs a case ends in the middle of whatever its threads do",
    "harness/interrupt.cpp": "a second signal ends the program at once",
    "harness/explore/system_calls.cpp": "stands in for abort(), which it defines and passes on",
    "harness/explore/main.cpp": "a program: its streams are chosen here",
    "harness/explore/specimens/main.cpp": "likewise",
}
_IO = re.compile(r"(?<![\w.>:])(?:std::|::)?(?P<name>v?f?printf|f?puts|f?putchar|putc|perror|_?exit|_Exit|quick_exit"
                 r"|abort|terminate)\s*\(|\bstd::(?P<stream>cout|cerr|clog)\b")
_SLEEP = {".cpp": re.compile(r"\b(?:sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\("),
          ".py": re.compile(r"\btime\.sleep\s*\(|\bfrom time import\b.*\bsleep\b")}
_ORDER_WORDS = {"acquire": r"\bacquires?\b", "release": r"\breleases?\b", "relaxed": r"\brelaxed\b",
                "consume": r"\bconsumes?\b", "acq_rel": r"\bacq_rel\b|\bacquires?\b.*\breleases?\b",
                "seq_cst": r"\bseq_cst\b"}
_COMMENT_REACH = 12


class Tree:
    """The text files of the repository: those that git knows or would add, or all of them where there is no git."""

    SKIPPED = {".git", "build", "results", "__pycache__", ".pytest_cache"}

    def __init__(self, root):
        self.root = root
        self.texts = {}
        for path in sorted(self._paths()):
            try:
                text = (root / path).read_bytes().decode("utf-8")
            except (UnicodeDecodeError, OSError):
                continue  # a picture, or a file deleted but not yet for git
            if "\0" not in text:
                self.texts[path] = text
        self.sources = {path: Source(text) for path, text in self.texts.items() if path.endswith((".h", ".cpp"))}

    def _paths(self):
        try:
            listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                    cwd=self.root, capture_output=True, check=True).stdout.decode()
            if listed:
                return set(listed.split("\0")) - {""}
        except (OSError, subprocess.CalledProcessError):
            pass
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*")
                if path.is_file() and not self.SKIPPED & set(path.relative_to(self.root).parts)}

    def lines(self, pattern):
        """(path, number, line) of every file that matches pattern."""
        for path in fnmatch.filter(self.texts, pattern):
            for number, line in enumerate(self.texts[path].splitlines(), 1):
                yield path, number, line

    def module_files(self, suffix):
        """Paths of the modules' files that are neither tests nor benchmarks nor fuzz targets."""
        return [path for path in self.texts if path.split("/")[0] in MODULES and path.endswith(suffix)
                and not path.endswith(OF_TESTS)]

    def is_of_tests(self, header, above=()):
        """Whether tests, benchmarks and fuzz targets, or headers that are of tests themselves, are all that include it."""
        users = [path for path, source in self.sources.items() if header in [name for _, name in source.includes]]
        return bool(users) and all(path.endswith(OF_TESTS)
                                   or path not in above and self.is_of_tests(path, (*above, header)) for path in users)

    def atomics_of(self, path):
        return self.sources[path].atomic_names() if path in self.sources else set()

    def atomics_seen_by(self, path):
        """Names of atomics declared in the file or in what it includes."""
        seen, names, waiting = set(), set(), [path]
        while waiting:
            path = waiting.pop()
            if path in self.sources and path not in seen:
                seen.add(path)
                names |= self.atomics_of(path)
                waiting += [included for _, included in self.sources[path].includes]
        return names


def owner(path):
    """The module a file belongs to, or the examples."""
    return EXAMPLES if path.startswith(EXAMPLES) else path.split("/")[0]


def check_includes(tree):
    for path, source in tree.sources.items():
        mine = owner(path)
        for line, included in source.includes:
            theirs = included.split("/")[0]
            quoted = re.search(rf'#[ \t]*include[ \t]*"{re.escape(included)}"', tree.texts[path])
            beside = mine == EXAMPLES and "/" not in included
            if ".." in included.split("/") or quoted and theirs not in MODULES and not beside:
                yield Finding(path, line, "include", f'"{included}" does not start at the root of the repository')
            elif theirs in MODULES and theirs not in SEES.get(mine, set()):
                yield Finding(path, line, "include", f"{mine} may not include {included}")
    for path, number, line in tree.lines("*CMakeLists.txt"):
        mine = owner(path)
        for linked in re.findall(r"\bcrosstalk(?:::|_)(pool|workloads|reports|harness)\b", line):
            if mine in SEES and linked not in SEES[mine]:
                yield Finding(path, number, "include", f"{mine} may not link {linked}")
    for path, number, line in tree.lines("scripts/*.py"):
        if re.match(r"\s*(?:import|from)\s+(?:ctypes|cffi)\b", line):
            yield Finding(path, number, "include", "scripts read CSV files and link nothing")


def check_library_io(tree):
    for path in tree.module_files((".h", ".cpp")):
        if path in IO_ALLOWED:
            continue
        source = tree.sources[path]
        for line, included in source.includes:
            if included == "iostream":
                yield Finding(path, line, "library-io", "<iostream>: libraries take their streams from the caller")
        for line, text in enumerate(source.code.split("\n"), 1):
            for found in _IO.finditer(text):
                name = found["name"] or f"std::{found['stream']}"
                yield Finding(path, line, "library-io", f"{name}: libraries neither print nor end the program")


def check_listed(tree):
    for path in tree.sources:
        folder = pathlib.PurePosixPath(path).parent
        while f"{folder}/CMakeLists.txt" not in tree.texts and folder.name:
            folder = folder.parent
        lists, inside = tree.texts.get(f"{folder}/CMakeLists.txt"), str(pathlib.PurePosixPath(path).relative_to(folder))
        if path.endswith(".h") and tree.is_of_tests(path):
            continue  # not installed, and CMake need not be told of it
        if owner(path) in MODULES and lists is not None and not re.search(rf"(?<![\w/]){re.escape(inside)}\b", lists):
            yield Finding(path, 1, "listed", f"not named in {folder}/CMakeLists.txt")


def check_untested(tree, covered):
    for path in tree.module_files(".cpp"):
        if path.endswith("/main.cpp"):
            continue  # a program's entry cannot be linked into a test
        test = path.replace(".cpp", "_test.cpp")
        sibling = covered.get(path)
        if test in tree.texts:
            if sibling:
                yield Finding(path, 1, "untested", f"has a test of its own: remove covered-by {sibling}")
        elif sibling is None:
            yield Finding(path, 1, "untested", f"needs {pathlib.PurePath(test).name}, or a line 'covered-by {path} "
                          "SIBLING_test.cpp' in tidy_ratchet.txt")
        elif str(pathlib.PurePath(path).parent / sibling) not in tree.texts:
            yield Finding(path, 1, "untested", f"covered-by names {sibling}, which does not exist")
    for path in covered:
        if path not in tree.texts:
            yield Finding("scripts/tidy_ratchet.txt", 1, "untested", f"covered-by names {path}, which does not exist")


def check_same_name(tree):
    """Builds in groups compile sources of a module as one; which ones changes with every new file."""
    seen = {}
    for path in sorted(tree.sources):
        if path.endswith(".h") and owner(path) in MODULES and not tree.is_of_tests(path):
            for name, declared in tree.sources[path].shown_names().items():
                for of_tests in (False, True):
                    seen[path.split("/")[0], of_tests, name] = path, declared
    for path in sorted(tree.sources):
        if not path.endswith(".cpp") or path.endswith(("_bench.cpp", "_fuzz.cpp")) or owner(path) not in MODULES:
            continue
        for name, (line, declared) in tree.sources[path].hidden_names().items():
            key = path.split("/")[0], path.endswith("_test.cpp"), name
            other, as_what = seen.setdefault(key, (path, declared))
            if other != path and not (declared == as_what and declared.startswith("using ")):
                yield Finding(path, line, "same-name", f"{name} is hidden in {other} too")


def check_file_length(tree):
    for path, text in tree.texts.items():
        limit = FILE_LINES.get(pathlib.PurePath(path).suffix)
        length = len(text.splitlines())
        if limit and length > limit:
            yield Finding(path, limit, "file-length", f"{length} lines, allowed are {limit}", path, length)


def check_function_length(tree):
    for path, text in tree.texts.items():
        for function in tidy_text.functions(path, text, tree.sources.get(path)):
            length = function.last - function.first + 1
            if length > FUNCTION_LINES:
                yield Finding(path, function.first, "function-length", f"{function.name}: {length} lines, "
                              f"allowed are {FUNCTION_LINES}", f"{path}:{function.name}", length)


def check_memory_order(tree):
    for path, source in tree.sources.items():
        if path.endswith("_test.cpp"):
            continue  # a test is to be plain; what it shares is sequentially consistent
        own = tree.atomics_of(path) | tree.atomics_of(path.replace(".cpp", ".h"))
        for line, text in source.unordered(own, tree.atomics_seen_by(path)):
            yield Finding(path, line, "memory-order", f"{text} names no memory order")
        for line, order in source.orders():
            near = " ".join(source.comments[max(0, line - 1 - _COMMENT_REACH):line])
            before = " ".join(source.comments[:line])
            word = _ORDER_WORDS[order]
            if not re.search(word, near) and not re.search(rf"(?:{word})\s*\((?:all|here and below)\b", before):
                yield Finding(path, line, "memory-order", f"no comment says why {order} is right here")


def check_sleep(tree):
    for path, text in tree.texts.items():
        if path.endswith("_test.cpp"):
            lines = tree.sources[path].code.split("\n")
        elif path.startswith("scripts/tests/") and path.endswith(".py"):
            lines = text.splitlines()
        else:
            continue
        for number, line in enumerate(lines, 1):
            if _SLEEP[pathlib.PurePath(path).suffix].search(line):
                yield Finding(path, number, "sleep", "a test waits for an event or a count, never for a time")


def clang_format(tree, *arguments):
    """Runs clang-format 14 over all C++ files; None where it is not installed."""
    try:
        version = subprocess.run(["clang-format", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    if "version 14." not in version:
        return None  # another version wants other line breaks
    return subprocess.run(["clang-format", *arguments, *tree.sources], cwd=tree.root, capture_output=True, text=True,
                          check=False).stderr


def check_format(tree):
    output = clang_format(tree, "--dry-run", "--Werror", "--ferror-limit=1") if tree.sources else ""
    if output is None:
        print("tidy: no clang-format 14: formatting not checked", file=sys.stderr)
        return
    first = {}
    for path, line in re.findall(r"^(\S[^:\n]*):(\d+):\d+: error:", output, re.M):
        first.setdefault(path, int(line))
    for path, line in first.items():
        yield Finding(path, line, "format", "not formatted: run scripts/tidy.py --fix", path, 1)


CHECKS = {"include": check_includes, "library-io": check_library_io, "listed": check_listed,
          "banned": tidy_text.check_banned, "file-length": check_file_length,
          "function-length": check_function_length, "memory-order": check_memory_order, "sleep": check_sleep,
          "format": check_format, "same-name": check_same_name, "untested": check_untested}


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent,
                        help="the repository to check (default: this one)")
    parser.add_argument("--rule", action="append", choices=CHECKS, help="check this rule only; may be repeated")
    parser.add_argument("--fix", action="store_true", help="format all C++ files")
    parser.add_argument("--shrink", action="store_true", help="take exceptions that are no longer needed off the list")
    options = parser.parse_args(arguments)

    tree = Tree(options.root.resolve())
    if options.fix:
        if clang_format(tree, "-i") is None:
            print("tidy: --fix: needs clang-format 14", file=sys.stderr)
            return 2
        tree = Tree(tree.root)
    ratchet = Ratchet(tree.root / "scripts" / "tidy_ratchet.txt")
    rules = options.rule or list(CHECKS)
    findings = []
    for rule in rules:
        more = (ratchet.covered,) if rule == "untested" else ()
        findings += CHECKS[rule](tree, *more)
    if options.shrink:
        ratchet.shrink(findings, rules)
    findings = ratchet.apply(findings, rules)
    for finding in sorted(findings):
        print(f"{finding.path}:{finding.line}: {finding.rule}: {finding.message}")
    print(f"tidy: {len(findings)} findings in {len(tree.texts)} files", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
