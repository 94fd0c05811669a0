"""Every rule of scripts/tidy.py finds what was planted for it, and leaves the decent neighbour alone."""

import pathlib
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tidy  # noqa: E402
import tidy_cpp  # noqa: E402

RULES_WITHOUT_FORMAT = [rule for rule in tidy.CHECKS if rule != "format"]
CLANG_FORMAT = tidy.clang_format(type("NoFiles", (), {"sources": {}, "root": "/"}), "--version") is not None


@pytest.fixture
def tree(tmp_path):
    def write(path, text):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def findings(root, capsys, *rules, more=()):
    chosen = [word for rule in rules for word in ("--rule", rule)]
    code = tidy.main(["--root", str(root), *chosen, *more])
    lines = capsys.readouterr().out.splitlines()
    assert code == (1 if lines else 0)
    return lines


def test_an_empty_tree_is_clean(tmp_path, capsys):
    assert findings(tmp_path, capsys) == []


@pytest.mark.parametrize("path, include", [
    ("pool/a.h", "reports/b.h"), ("pool/a.h", "workloads/b.h"), ("pool/a.h", "harness/b.h"),
    ("workloads/a.cpp", "pool/b.h"), ("reports/a.cpp", "pool/b.h"), ("reports/a_test.cpp", "harness/b.h"),
    ("harness/examples/main.cpp", "reports/b.h"), ("elsewhere/a.cpp", "harness/b.h")])
def test_a_module_may_not_include_another(tree, capsys, path, include):
    root = tree(path, f'#include <vector>\n#include "{include}"\n')
    module = "harness/examples/" if path.startswith("harness/examples/") else path.split("/")[0]
    assert findings(root, capsys, "include") == [f"{path}:2: include: {module} may not include {include}"]


@pytest.mark.parametrize("path, include", [
    ("pool/a.h", "pool/b.h"), ("harness/a.cpp", "pool/b.h"), ("harness/a.cpp", "reports/b.h"),
    ("harness/a_test.cpp", "workloads/b.h"), ("harness/examples/main.cpp", "harness/crosstalk.h"),
    ("harness/examples/main.cpp", "pool/b.h"), ("harness/examples/main.cpp", "mine.h")])
def test_allowed_includes_are_no_findings(tree, capsys, path, include):
    root = tree(path, f'#include "{include}"\n// #include "../x.h"\n')
    assert findings(root, capsys, "include") == []


@pytest.mark.parametrize("include", ["b.h", "../pool/b.h", "pool/../reports/b.h"])
def test_includes_start_at_the_root(tree, capsys, include):
    root = tree("pool/a.h", f'#include "{include}"\n')
    assert findings(root, capsys, "include") == [
        f'pool/a.h:1: include: "{include}" does not start at the root of the repository']


def test_a_word_in_quotes_is_no_include(tree, capsys):
    root = tree("pool/a.h", '#include <memory>\n\ninline const char* kind() { return "memory"; }\n')
    assert findings(root, capsys, "include") == []


def test_a_module_may_not_link_another(tree, capsys):
    tree("harness/CMakeLists.txt", "crosstalk_module(harness PUBLIC crosstalk::pool crosstalk::reports)\n")
    root = tree("reports/CMakeLists.txt", "crosstalk_module(reports\n  PRIVATE crosstalk::pool crosstalk_flags)\n")
    assert findings(root, capsys, "include") == ["reports/CMakeLists.txt:2: include: reports may not link pool"]


def test_scripts_link_nothing(tree, capsys):
    root = tree("scripts/plot.py", "import csv\nimport ctypes\n")
    assert findings(root, capsys, "include") == ["scripts/plot.py:2: include: scripts read CSV files and link nothing"]


@pytest.mark.parametrize("line, name", [
    ("#include <iostream>", "<iostream>"), ('std::cout << "x";', "std::cout"), ('printf("x");', "printf"),
    ('std::fprintf(stderr, "x");', "fprintf"), ("exit(1);", "exit"), ("std::exit(1);", "exit"), ("::_exit(1);", "_exit"),
    ("std::abort();", "abort"), ("std::terminate();", "terminate")])
def test_libraries_neither_print_nor_exit(tree, capsys, line, name):
    root = tree("pool/a.cpp", f"{line}\n")
    found = findings(root, capsys, "library-io")
    assert len(found) == 1 and found[0].startswith(f"pool/a.cpp:1: library-io: {name}: ")


@pytest.mark.parametrize("path, line", [
    ("pool/a.cpp", "// printf(x), std::cout"), ("pool/a.cpp", 'f("exit(1)");'), ("pool/a.cpp", "snprintf(b, 1, f);"),
    ("pool/a.cpp", "lane.exit(1); at_exit(f);"), ("pool/a_test.cpp", 'printf("x");'),
    ("pool/a_bench.cpp", "std::abort();"), ("harness/run_main.cpp", "#include <iostream>")])
def test_what_is_not_printing_is_no_finding(tree, capsys, path, line):
    assert findings(tree(path, f"{line}\n"), capsys, "library-io") == []


def test_cmake_has_to_know_every_file(tree, capsys):
    tree("pool/CMakeLists.txt", "crosstalk_module(pool SOURCES locks/a.cpp HEADERS other/b.h)\n")
    tree("pool/locks/a.cpp", "")
    root = tree("pool/b.h", "")
    assert findings(root, capsys, "listed") == ["pool/b.h:1: listed: not named in pool/CMakeLists.txt"]


def test_the_nearest_list_counts(tree, capsys):
    tree("pool/CMakeLists.txt", "add_subdirectory(locks)\ncrosstalk_module(pool SOURCES locks/b.cpp)\n")
    tree("pool/locks/CMakeLists.txt", "target_sources(crosstalk_pool PRIVATE a.cpp)\n")
    tree("pool/locks/a.cpp", "")
    root = tree("pool/locks/b.cpp", "")
    assert findings(root, capsys, "listed") == ["pool/locks/b.cpp:1: listed: not named in pool/locks/CMakeLists.txt"]


def test_cmake_need_not_know_a_header_of_tests(tree, capsys):
    tree("pool/CMakeLists.txt", "crosstalk_module_tests(pool SOURCES a_test.cpp)\n")
    tree("pool/helper.h", "")
    tree("pool/more.h", '#include "pool/helper.h"\n')
    root = tree("pool/a_test.cpp", '#include "pool/more.h"\n')
    assert findings(root, capsys, "listed") == []


def hidden(text):
    return "namespace a {\nnamespace {\n\n" + text + "\n\n}  // namespace\n}  // namespace a\n"


@pytest.mark.parametrize("declared, name", [
    ("constexpr int kLimit = 3;", "kLimit"), ("struct Row {\n  int a;\n};", "Row"), ("enum class Kind { a };", "Kind"),
    ("std::string shown(int value) {\n  return {};\n}", "shown(int)")])
def test_two_sources_of_a_group_hide_nothing_of_one_name(tree, capsys, declared, name):
    tree("pool/a.cpp", hidden(declared))
    tree("pool/a_test.cpp", hidden(declared))
    tree("reports/b.cpp", hidden(declared))
    tree("pool/c_bench.cpp", hidden(declared))
    root = tree("pool/d.cpp", declared + "\n")
    assert findings(root, capsys, "same-name") == []
    root = tree("pool/b/b.cpp", hidden("\n" + declared))
    assert findings(root, capsys, "same-name") == [f"pool/b/b.cpp:5: same-name: {name} is hidden in pool/a.cpp too"]


def test_a_source_hides_nothing_that_a_header_shows(tree, capsys):
    tree("pool/a.h", "namespace a {\n\ninline constexpr int kLimit = 3;\nstruct Row;\n\n}  // namespace a\n")
    root = tree("pool/b_test.cpp", hidden("constexpr int kLimit = 4;\nstruct Row {\n};"))
    assert findings(root, capsys, "same-name") == ["pool/b_test.cpp:4: same-name: kLimit is hidden in pool/a.h too"]


def test_overloads_and_equal_aliases_are_no_clash(tree, capsys):
    tree("pool/a.cpp", hidden("using Op = x::Op;\nint f(int a) {\n}\nvoid g() {\n  int f(1);\n}"))
    root = tree("pool/b.cpp", hidden("using Op = x::Op;\nint f(double a) {\n}\nstruct B {\n  void g() {}\n};"))
    assert findings(root, capsys, "same-name") == []
    root = tree("pool/c.cpp", hidden("using Op = y::Op;"))
    assert findings(root, capsys, "same-name") == ["pool/c.cpp:4: same-name: Op is hidden in pool/a.cpp too"]


def test_every_source_has_a_test(tree, capsys):
    tree("reports/a.cpp", "")
    tree("reports/b.cpp", "")
    tree("reports/b_bench.cpp", "")
    tree("harness/main.cpp", "")
    root = tree("reports/b_test.cpp", "")
    found = findings(root, capsys, "untested")
    assert len(found) == 1 and found[0].startswith("reports/a.cpp:1: untested: needs a_test.cpp")
    tree("scripts/tidy_ratchet.txt", "covered-by reports/a.cpp b_test.cpp\n")
    assert findings(root, capsys, "untested") == []


@pytest.mark.parametrize("line, message", [
    ("covered-by reports/a.cpp c_test.cpp", "names c_test.cpp, which does not exist"),
    ("covered-by reports/b.cpp a_test.cpp", "has a test of its own"),
    ("covered-by reports/gone.cpp b_test.cpp", "names reports/gone.cpp, which does not exist")])
def test_a_cover_that_does_not_cover_is_found(tree, capsys, line, message):
    for name in ("a.cpp", "b.cpp", "b_test.cpp"):
        tree(f"reports/{name}", "")
    root = tree("scripts/tidy_ratchet.txt", f"{line}\n")
    assert any(message in found for found in findings(root, capsys, "untested"))


# Written in two halves, so that the rule does not find its own test.
@pytest.mark.parametrize("text", [
    "see /wo" "rk/main/x", "in /ho" "me/jo/x", "deb.de" "bian.org", "https://py" "pi.org/x", "// TO" "DO: later",
    "FIX" "ME", "an A" "I wrote", "LL" "M", "the ag" "ent", "Assis" "tant", "the pro" "mpts", "Cl" "aude",
    "<<<<" "<<< ours"])
@pytest.mark.parametrize("path", ["README.md", "pool/a.h", "scripts/x.sh", ".ci/run"])
def test_banned_text_is_found_in_every_kind_of_file(tree, capsys, path, text):
    found = findings(tree(path, f"first\n{text}\n"), capsys, "banned")
    assert len(found) == 1 and found[0].startswith(f"{path}:2: banned: ")


@pytest.mark.parametrize("text", ["a/work/b", "promptly", "AIO", "said", "reagent", "mktemp XXXXXX", "=======",
                                  "/usr/bin/python3", "homework/x"])
def test_words_that_only_look_banned_are_not(tree, capsys, text):
    assert findings(tree("README.md", f"a {text}\n"), capsys, "banned") == []


def test_banned_text_is_found_in_names_but_not_in_pictures(tree, capsys, tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\0TO" b"DO")
    root = tree("notes-A" "I.md", "")
    assert len(findings(root, capsys, "banned")) == 1


def test_an_allowed_word_is_allowed_in_its_file_only(tree, capsys, monkeypatch):
    monkeypatch.setattr(tidy.tidy_text, "ALLOWED", [("docs/*", "ag" "ent", "a term of the web")])
    tree("docs/a.md", "ag" "ent\n")
    root = tree("b.md", "ag" "ent\n")
    assert [found.split(":")[0] for found in findings(root, capsys, "banned")] == ["b.md"]


@pytest.mark.parametrize("path, limit", [("pool/a.h", 250), ("pool/a.cpp", 400), ("scripts/a.py", 400)])
def test_files_have_a_longest_length(tree, capsys, path, limit):
    root = tree(path, "\n" * limit)
    assert findings(root, capsys, "file-length") == []
    tree(path, "\n" * (limit + 1))
    assert findings(root, capsys, "file-length") == [
        f"{path}:{limit}: file-length: {limit + 1} lines, allowed are {limit}"]


@pytest.mark.parametrize("path, head, tail", [
    ("pool/a.h", "class A {\n public:\n  A(int x) : x_{x}, y_(x) {\n", "  }\n  int x_, y_;\n};\n"),
    ("pool/a.cpp", "namespace a {\ntemplate <class T>\nint A<T>::run(int x) const noexcept {\n", "}\n}\n"),
    ("scripts/a.py", "def run():\n", "    return 1\n"), ("scripts/a.sh", "run() {\n", "}\n")])
def test_functions_have_a_longest_length(tree, capsys, path, head, tail):
    body = "    x = 1\n" if path.endswith(".py") else "    x=1;\n"
    own = 3 if "template" in head else 2  # the lines that its head and its end take
    root = tree(path, head + body * (60 - own) + tail)
    assert findings(root, capsys, "function-length") == []
    tree(path, head + body * (61 - own) + tail)
    found = findings(root, capsys, "function-length")
    assert len(found) == 1 and "61 lines, allowed are 60" in found[0]


def test_function_names_are_understood():
    source = tidy_cpp.Source('''
template <class T, int N = 3>
requires(N > 1)
struct S : Base<T> {
  explicit S(int a) : a_{a}, b_{} {}
  ~S() { if (a_) { go(); } }
  bool operator()(int x) const { return [x] { return x; }(); }
  bool operator==(const S& o) const { return true; }
  [[nodiscard]] auto size() const noexcept -> std::size_t { return 1'000; }
  int a_{0};
};
enum class E : int { a, b };
template <class T>
concept C = requires(T t) { t.f(); };
constexpr int kTable[] = {1, 2};
const char* text = "void f() {";
extern "C" { void g() { for (;;) { } } }
''')
    assert [function.name for function in source.functions()] == [
        "S", "~S", "operator()", "operator==", "size", "g"]


@pytest.mark.parametrize("operation", [
    "n_.load()", "n_.store(1)", "n_.exchange(2)", "n_.fetch_add(1)", "n_.wait(0)", "n_.compare_exchange_weak(a, b)",
    "other->fetch_or(1)", "cells_[i].load()", "++n_", "n_ += 2", "n_ = 3", "n_--"])
def test_an_atomic_operation_without_order_is_found(tree, capsys, operation):
    tree("pool/a.h", "// The counters.\nstruct A { std::atomic<int> n_{0}; std::array<std::atomic<int>, 4> cells_; };\n")
    root = tree("pool/a.cpp", f'#include "pool/a.h"\nvoid f() {{ {operation}; }}\n')
    found = findings(root, capsys, "memory-order")
    assert len(found) == 1 and found[0].startswith("pool/a.cpp:2: memory-order: ")
    assert found[0].endswith(" names no memory order")


@pytest.mark.parametrize("operation", [
    "condition_.wait(guard)", "file_.load(path)", "x_.store(1)", "plain_ += 1", "n_.notify_all()", "n_ == 2",
    "f(n_.load(order))"])
def test_operations_on_other_things_are_no_findings(tree, capsys, operation):
    root = tree("pool/a.cpp", f"std::atomic<int> n_{{0}};\nvoid f() {{ {operation}; }}\n")
    assert findings(root, capsys, "memory-order") == []


@pytest.mark.parametrize("order", ["relaxed", "acquire", "release", "acq_rel", "seq_cst"])
def test_an_order_needs_a_comment_with_its_name_nearby(tree, capsys, order):
    use = f"n_.fetch_add(1, std::memory_order_{order});"
    far = "\n" * 12
    root = tree("pool/a.cpp", f"// {order}: too far away\n{far}{use}\n")
    assert findings(root, capsys, "memory-order") == [
        f"pool/a.cpp:14: memory-order: no comment says why {order} is right here"]
    for text in (f"// {order}: near\n{far[1:]}{use}\n", f"{use}  // {order}: it does\n",
                 f"// {order} (here and below): a statistic\n{far}{far}{use}\n",
                 f"// {order} (all accesses): a statistic\n{far}{far}{use}\n"):
        tree("pool/a.cpp", text)
        assert findings(root, capsys, "memory-order") == [], text


def test_a_comment_of_another_order_does_not_count(tree, capsys):
    root = tree("pool/a.cpp", "// acquire: pairs with (1)\nn_.store(1, std::memory_order_release);\n")
    assert len(findings(root, capsys, "memory-order")) == 1


@pytest.mark.parametrize("path, line", [
    ("pool/a_test.cpp", "std::this_thread::sleep_for(1ms);"), ("pool/a_test.cpp", "usleep(5);"),
    ("scripts/tests/test_a.py", "time." "sleep(1)")])
def test_a_sleep_in_a_test_is_found(tree, capsys, path, line):
    found = findings(tree(path, f"\n{line}\n"), capsys, "sleep")
    assert len(found) == 1 and found[0].startswith(f"{path}:2: sleep: ")


def test_a_sleep_elsewhere_is_no_finding(tree, capsys):
    tree("harness/pacer.cpp", "std::this_thread::sleep_until(t);\n")
    assert findings(tree("pool/a_test.cpp", "// sleep_for(1)\n"), capsys, "sleep") == []


@pytest.mark.skipif(not CLANG_FORMAT, reason="clang-format 14 is not installed")
def test_formatting_is_checked_and_fixed(tree, capsys):
    tree(".clang-format", "BasedOnStyle: Google\n")
    tree("pool/good.h", "int f();\n")
    root = tree("pool/bad.h", "int  f( );\n")
    assert findings(root, capsys, "format") == ["pool/bad.h:1: format: not formatted: run scripts/tidy.py --fix"]
    assert findings(root, capsys, "format", more=["--fix"]) == []
    assert (root / "pool/bad.h").read_text() == "int f();\n"


def test_a_known_exception_is_accepted_up_to_its_value(tree, capsys):
    tree("scripts/tidy_ratchet.txt", "# why\nfile-length pool/a.h 260\n")
    root = tree("pool/a.h", "\n" * 260)
    assert findings(root, capsys, *RULES_WITHOUT_FORMAT) == []
    tree("pool/a.h", "\n" * 261)
    assert len(findings(root, capsys, "file-length")) == 1


@pytest.mark.parametrize("length, message", [(255, "is down to 255 from 260"), (250, "is of no use")])
def test_an_exception_that_could_be_smaller_is_a_finding_until_it_is_shrunk(tree, capsys, length, message):
    tree("scripts/tidy_ratchet.txt", "file-length pool/a.h 260\ncovered-by pool/a.cpp b_test.cpp\n")
    root = tree("pool/a.h", "\n" * length)
    found = findings(root, capsys, "file-length")
    assert len(found) == 1 and message in found[0]
    assert findings(root, capsys, "file-length", more=["--shrink"]) == []
    kept = (root / "scripts/tidy_ratchet.txt").read_text()
    assert ("file-length pool/a.h 255" in kept) == (length == 255)
    assert "covered-by pool/a.cpp b_test.cpp" in kept


def test_shrink_never_adds_an_exception(tree, capsys):
    root = tree("pool/a.h", "\n" * 300)
    assert len(findings(root, capsys, "file-length", more=["--shrink"])) == 1


def test_a_damaged_list_of_exceptions_is_a_finding(tree, capsys):
    root = tree("scripts/tidy_ratchet.txt", "\nfile-length pool/a.h many\n")
    assert findings(root, capsys, "sleep") == [
        "scripts/tidy_ratchet.txt:2: ratchet: not an exception: 'file-length pool/a.h many'"]


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_the_list_of_exceptions_may_not_grow_past_the_last_commit(tree, capsys):
    root = tree("scripts/tidy_ratchet.txt", "file-length pool/a.h 260\n")

    def git(*words):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=root, check=True,
                       capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "first")
    tree("pool/a.h", "\n" * 270)
    tree("scripts/tidy_ratchet.txt", "file-length pool/a.h 270\n")
    assert findings(root, capsys, "file-length") == [
        "scripts/tidy_ratchet.txt:1: ratchet: file-length pool/a.h: 270 is more than the last commit allows"]
