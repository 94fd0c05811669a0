"""The known exceptions of tidy.py: a list that may only shrink."""

import subprocess
from typing import NamedTuple

_HEADER = """\
# Known exceptions of scripts/tidy.py. They may only shrink; scripts/tidy.py --shrink takes off what is no longer needed.
#   RULE PLACE VALUE            the value a place may have at most
#   covered-by FILE.cpp TEST    the test beside a file without one of its own that covers it
"""


class Finding(NamedTuple):
    path: str
    line: int
    rule: str
    message: str
    # What the ratchet knows it by, and how bad it is; empty if there are no exceptions of this rule.
    place: str = ""
    value: int = 0


class Ratchet:
    def __init__(self, path):
        self._path = path
        self._name = f"{path.parent.name}/{path.name}"
        self._errors = []
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        self._limits, self.covered = self._parse(text, self._errors)

    def _parse(self, text, errors):
        limits, covered = {}, {}
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if len(words) == 3 and words[0] == "covered-by":
                covered[words[1]] = words[2]
            elif len(words) == 3 and words[2].isdecimal():
                limits[words[0], words[1]] = (int(words[2]), number)
            else:
                errors.append(Finding(self._name, number, "ratchet", f"not an exception: '{line.strip()}'"))
        return limits, covered

    def apply(self, findings, rules):
        """The findings without the exceptions, and with the exceptions that are of no use or new."""
        left, used = list(self._errors), set()
        for finding in findings:
            limit, number = self._limits.get((finding.rule, finding.place), (0, 0))
            if finding.value == 0 or finding.value > limit:
                left.append(finding)
            elif finding.value < limit:
                left.append(Finding(self._name, number, "ratchet",
                                    f"{finding.place} is down to {finding.value} from {limit}: run tidy.py --shrink"))
            used.add((finding.rule, finding.place))
        for (rule, place), (_, number) in self._limits.items():
            if rule in rules and (rule, place) not in used:
                left.append(Finding(self._name, number, "ratchet", f"{rule} {place} is of no use: run tidy.py --shrink"))
        return left + self._grown()

    def _grown(self):
        """Exceptions that the last commit does not have, if it has a list at all."""
        try:
            committed = subprocess.run(["git", "show", f"HEAD:{self._name}"], cwd=self._path.parent,
                                       capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            return []
        before, _ = self._parse(committed, [])
        return [Finding(self._name, number, "ratchet", f"{rule} {place}: {limit} is more than the last commit allows")
                for (rule, place), (limit, number) in self._limits.items()
                if limit > before.get((rule, place), (0, 0))[0]]

    def shrink(self, findings, rules):
        """Writes the list anew with every limit at most as high as before; adds nothing."""
        if not self._path.exists():
            return
        values = {}
        for finding in findings:
            key = finding.rule, finding.place
            values[key] = max(values.get(key, 0), finding.value)
        kept = {}
        for key, (limit, number) in self._limits.items():
            value = min(limit, values.get(key, 0)) if key[0] in rules else limit
            if value:
                kept[key] = (value, number)
        lines = [f"{rule} {place} {limit}\n" for (rule, place), (limit, _) in sorted(kept.items())]
        lines += [f"covered-by {path} {test}\n" for path, test in sorted(self.covered.items())]
        self._path.write_text(_HEADER + "".join(lines), encoding="utf-8")
        self._limits = kept
