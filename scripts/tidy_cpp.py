"""What tidy.py reads out of a C++ file without a compiler: its comments, functions, includes and atomic operations.

It knows as much of C++ as this repository uses: a heuristic, good enough to enforce the rules of its own style.
"""

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | R"(?P<mark>\w*)\(.*?\)(?P=mark)"
      | "(?:\\.|[^"\\\n])*"
      | (?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'""",
    re.S | re.X,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]', re.M)
_TYPE = re.compile(r"(?:(?:typedef|static|constexpr|inline)\s+)*(?:class|struct|union|enum)\b")
_CALLED = re.compile(r"([\w:]*\boperator\s*(?:\(\)|[^\s(\w]+)|[~\w:]+)\s*\(")
# "Foo(int a) : a_" before a brace: the brace belongs to the initialiser list, not to the body.
_INITIALISER = re.compile(r"\)[^:]*(?<!:):(?!:)[^{]*(?:\{[^{]*\}[^{]*)*[\w>]\s*$")
_OPERATION = re.compile(
    r"(\w+)(?:\[[^\]]*\]|\(\))?\s*(?:\.|->)\s*"
    r"(load|store|exchange|wait|test_and_set|fetch_\w+|compare_exchange_(?:weak|strong))\s*\("
)
# These two, unlike load or wait, are the names of nothing else.
_SURELY_ATOMIC = re.compile(r"fetch_(?:add|sub|or|and|xor)|compare_exchange_(?:weak|strong)|test_and_set")
_ORDER = re.compile(r"memory_order(?:_|::)(relaxed|consume|acquire|release|acq_rel|seq_cst)\b")


_HIDDEN = re.compile(
    r"""(?: (?:struct|class|enum(?:\ class)?)\s+ (?:alignas\([^)]*\)\s*)? (?P<type>\w+)
          | using\s+(?P<alias>\w+)\s*=
          | (?:static\s+|inline\s+)*constexpr\s[^(={]*?(?P<constant>\w+)\s*[={\[]
          | (?!\s|return\b|using\b) [\w:<>,*&\ ]+[\s*&](?P<function>\w+)\((?P<of>[^()]*)\)[^;]*\{ )""",
    re.X,
)


class Function(NamedTuple):
    name: str
    first: int
    last: int


class Source:
    """A C++ file: `code` is its text with comments, literals and directives blanked, `comments[i]` is what the
    comments say on line i + 1."""

    def __init__(self, text):
        self.includes = [(line_of(text, found.start()), found[1]) for found in _INCLUDE.finditer(text)]
        shown = []
        comments = []
        end = 0
        for token in _TOKEN.finditer(text):
            between = text[end:token.start()]
            shown += [between, _blank(token[0])]
            comments += [_blank(between), token[0] if token["comment"] else _blank(token[0])]
            end = token.end()
        shown.append(text[end:])
        comments.append(_blank(text[end:]))
        self.code = _DIRECTIVE.sub(lambda found: _blank(found[0]), "".join(shown))
        self.comments = "".join(comments).split("\n")

    def functions(self):
        """Every function with a body, from its first line to its closing brace; lambdas count with what holds them."""
        found = []
        scopes = []  # (kind, name, first line); kind is "open" for namespaces and types, else "function" or "other"
        start = 0
        for brace in re.finditer(r"[{};]", self.code):
            inside = bool(scopes) and scopes[-1][0] != "open"
            if brace[0] == "{":
                kind, name, first = ("other", "", 0) if inside else self._scope(start, brace.start())
                scopes.append((kind, name, first))
                start = start if kind == "initialiser" else brace.end()
            elif brace[0] == "}" and scopes:
                kind, name, first = scopes.pop()
                if kind == "function":
                    found.append(Function(name, first, line_of(self.code, brace.start())))
                start = start if kind == "initialiser" else brace.end()
            elif not inside:
                start = brace.end()
        return found

    def _scope(self, start, end):
        header = self.code[start:end]
        label = re.match(r"\s*(?:(?:public|private|protected)\s*:)?\s*", header)
        first = line_of(self.code, start + label.end())
        header = _without_template(header[label.end():])
        if re.match(r"(?:inline\s+)?namespace\b|extern\s*$", header) or _TYPE.match(header):
            return "open", "", first
        called = _CALLED.search(re.sub(r"\b(?:alignas|decltype|requires)\s*\([^()]*\)", "", header))
        if not called or re.match(r"concept\b", header):
            return "other", "", first
        if _INITIALISER.search(header):
            return "initialiser", "", first
        return "function", re.sub(r"\s+", "", called[1]), first

    def hidden_names(self):
        """What unnamed namespaces declare: {name, a function's with its parameters' types: (line, declaration)}."""
        names = {}
        hidden = False
        for number, line in enumerate(self.code.split("\n"), 1):
            if re.match(r"namespace\s*\{", line):
                hidden = True
            elif line.startswith("}") and re.search(r"//\s*namespace\s*$", self.comments[number - 1]):
                hidden = False
            elif hidden and (found := _HIDDEN.match(line)):
                name = found["type"] or found["alias"] or found["constant"] or found["function"] + _types(found["of"])
                names.setdefault(name, (number, " ".join(line.split())))
        return names

    def shown_names(self):
        """Types, aliases and constants that a header declares in its namespace: {name: declaration}."""
        names = {}
        for line in self.code.split("\n"):
            found = _HIDDEN.match(line.removeprefix("inline "))
            # "struct Row;" declares what another header defines.
            if found and not found["function"] and not (found["type"] and line.endswith(";")):
                names.setdefault(found["type"] or found["alias"] or found["constant"], " ".join(line.split()))
        return names

    def atomic_names(self):
        """Names declared with a type that holds a std::atomic."""
        names = set()
        for found in re.finditer(r"\bstd::atomic(?:_flag|_ref)?\b", self.code):
            rest = self.code[_after_angles(self.code, found.end()):][:200]
            rest = re.match(r"[^;{}=()]*", rest)[0]
            words = re.findall(r"\w+", rest if ">" in rest else rest.split(",")[0])
            if words:
                names.add(words[-1])
        return names

    def unordered(self, own, seen):
        """Atomic operations without a memory order: (line, text). `own` are the names declared atomic in this file or
        its header, `seen` those of anything it includes."""
        found = []
        for call in _OPERATION.finditer(self.code):
            arguments = _arguments(self.code, call.end())
            atomic = call[1] in seen or _SURELY_ATOMIC.fullmatch(call[2]) or (call[2] == "load" and not arguments)
            if atomic and not re.search(r"memory_order|\border\b", arguments):
                found.append((line_of(self.code, call.start()), f"{call[1]}.{call[2]}()"))
        # Operators are sequentially consistent without saying so. Own members only: others may share an atomic's name.
        for name in sorted(name for name in own if name.endswith("_")):
            operator = rf"(?:\+\+|--)\s*{name}\b|\b{name}\s*(?:\+\+|--|[-+|&^]?=(?!=))"
            for use in re.finditer(operator, self.code):
                found.append((line_of(self.code, use.start()), use[0].strip()))
        return found

    def orders(self):
        """Every memory order that is named: (line, order)."""
        return [(line_of(self.code, found.start()), found[1]) for found in _ORDER.finditer(self.code)]


def _types(parameters):
    """Parameters without their names and defaults: "(const std::string&, int)"."""
    every = [re.sub(r"\s*=.*", "", each).strip() for each in parameters.split(",")]
    return "(" + ", ".join(re.sub(r"(?<=[\s*&>])\w+$", "", each).strip() for each in every) + ")"


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def _after_angles(text, position):
    """The position after the <...> that starts at position, or position if none does."""
    if text[position:position + 1] != "<":
        return position
    depth = 0
    for index in range(position, len(text)):
        depth += {"<": 1, ">": -1}.get(text[index], 0)
        if depth == 0:
            return index + 1
    return len(text)


def _without_template(header):
    while found := re.match(r"template\s*(?=<)|\[\[[^\]]*\]\]\s*", header):
        header = header[_after_angles(header, found.end()):].lstrip()
    return re.sub(r"^requires\b.*?(?=\b(?:class|struct|union)\b)", "", header, flags=re.S)


def _arguments(text, position):
    """What stands between the parenthesis opened just before position and its partner."""
    depth = 1
    for index in range(position, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return text[position:index].strip()
    return text[position:]
