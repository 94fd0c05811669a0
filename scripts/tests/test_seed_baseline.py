"""seed_baseline.py on a chapter small enough to be read here."""

import csv
import io
import pathlib
import statistics
import subprocess
import sys
import threading

import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))
import seed_baseline  # noqa: E402

# The first fence of Python is never closed, a class uses what a later block adds to threading, and the pool's workers
# end only when they are told to: what the script has to work round.
CHAPTER = '''# A chapter

```mermaid
graph TB
```

```python
import threading

class ThreadSafeDict:
    def __init__(self):
        self.items = {}
        self.lock = threading.RWLock()

    def get(self, key, default=None):
        with self.lock:
            return self.items.get(key, default)

    def set(self, key, value):
        with self.lock:
            self.items[key] = value

class ThreadSafeCounter:
    def __init__(self):
        self.value = 0
        self.changed = threading.Condition()

    def increment(self):
        with self.changed:
            self.value += 1
            self.changed.notifyAll()

    def get(self):
        return self.value

class EventBus:
    def __init__(self):
        self.callbacks = []

    def subscribe(self, topic, callback):
        self.callbacks.append(callback)

    def publish(self, topic, event):
        for callback in self.callbacks:
            threading.Thread(target=callback, args=(event,)).start()

## The pool

```python
import queue

class ThreadPoolExecutor:
    def __init__(self, min_threads, max_threads):
        assert min_threads == max_threads == 2
        print("noise in the middle of the data")
        self.task_queue = queue.PriorityQueue(10)
        self.numbers = iter(range(10**9))
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(min_threads)]
        for thread in self.threads:
            thread.start()

    def submit(self, task):
        self.task_queue.put((1, next(self.numbers), task))
        return True

    def work(self):
        while True:
            item = self.task_queue.get()
            if item[-1] is None:
                return
            item[-1]()
            self.task_queue.task_done()

threading.RWLock = threading.RLock
```

The end.
'''
NAMES = ["pool_tasks", "dict_get_1", "dict_get_2", "dict_set_1", "dict_set_2", "counter_1", "counter_2",
         "bus_callbacks"]


def run(*arguments):
    return subprocess.run([sys.executable, str(SCRIPTS / "seed_baseline.py"), *map(str, arguments)],
                          capture_output=True, text=True, timeout=300)


def chapter_file(tmp_path, text=CHAPTER):
    path = tmp_path / "chapter.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_name_is_measured_in_every_repetition_and_has_a_median(tmp_path):
    done = run("--chapter", chapter_file(tmp_path), "--operations", 2000, "--repetitions", 3)
    assert (done.returncode, done.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0]) == ["name", "operations", "seconds", "ops_per_s", "repetition"]
    assert [(row["name"], row["repetition"]) for row in rows] == [
        (name, repetition) for repetition in ("1", "2", "3", "median") for name in NAMES]
    operations = {row["name"]: int(row["operations"]) for row in rows}
    assert operations == {**dict.fromkeys(NAMES, 2000), "pool_tasks": 200, "bus_callbacks": 20}
    for name in NAMES:
        *measured, median = [float(row["seconds"]) for row in rows if row["name"] == name]
        assert median == statistics.median(measured)
    assert all(float(row["seconds"]) > 0 and int(row["ops_per_s"]) > 0 for row in rows)


def test_a_python_without_notify_all_in_its_old_spelling_will_do(tmp_path, monkeypatch, capsys):
    monkeypatch.delattr(threading.Condition, "notifyAll", raising=False)  # as in Python 3.13
    options = ["--chapter", str(chapter_file(tmp_path)), "--operations", "10", "--repetitions", "1"]
    assert seed_baseline.main(options) == 0
    assert capsys.readouterr().err == ""


def test_blocks_are_found_with_their_lines_closed_or_not():
    blocks = seed_baseline.python_blocks(CHAPTER)
    assert [first for first, _ in blocks] == [8, CHAPTER.split("\n").index("import queue") + 1]
    assert blocks[0][1].startswith("import threading\n") and blocks[0][1].endswith("## The pool\n\n")
    assert blocks[1][1].endswith("threading.RWLock = threading.RLock\n")
    assert seed_baseline.python_blocks("```python\na = 1") == [(2, "a = 1\n")]
    assert seed_baseline.python_blocks("```\na = 1\n```\n```cpp\nint a;\n```\n") == []


@pytest.mark.parametrize("text, message", [
    ("no code at all\n", "holds no ```python block"),
    ("```cpp\nint a;\n```\n", "holds no ```python block"),
    ("```python\nclass EventBus: pass\n```\n",
     "its blocks do not define ThreadPoolExecutor, ThreadSafeDict, ThreadSafeCounter")])
def test_a_chapter_without_the_code_is_one_line_and_exit_code_2(tmp_path, text, message):
    path = chapter_file(tmp_path, text)
    done = run("--chapter", path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"seed_baseline.py: {path}: {message}\n")


@pytest.mark.parametrize("code, line, message", [
    ("a = 1\nb = = 2\n", 4, "SyntaxError: "), ("a = 1\n\nb = unknown\n", 5, "NameError: name 'unknown'")])
def test_broken_code_is_told_with_the_line_of_the_chapter(tmp_path, code, line, message):
    path = chapter_file(tmp_path, f"# Title\n```python\n{code}```\n")
    done = run("--chapter", path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"seed_baseline.py: {path}:{line}: {message}")


def test_a_file_that_cannot_be_read_is_one_line_and_exit_code_2(tmp_path):
    missing = tmp_path / "none.md"
    done = run("--chapter", missing)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"seed_baseline.py: {missing}: cannot be opened: No such file or directory\n"
    (tmp_path / "bytes.md").write_bytes(b"\xff\xfe\x00")
    done = run("--chapter", tmp_path / "bytes.md")
    assert (done.returncode, done.stderr) == (2, f"seed_baseline.py: {tmp_path}/bytes.md: is not UTF-8\n")


@pytest.mark.parametrize("arguments, message", [
    ((), "the following arguments are required: --chapter"),
    (("--chapter", "x", "--operations", "0"), "--operations: must be at least 1, got 0"),
    (("--chapter", "x", "--repetitions", "-1"), "--repetitions: must be at least 1, got -1"),
    (("--chapter", "x", "--operations", "many"), "argument --operations: invalid int value: 'many'")])
def test_bad_arguments_are_one_line_and_exit_code_2(arguments, message):
    done = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"seed_baseline.py: {message}\n")


def test_work_that_is_lost_is_told_and_exit_code_4(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(seed_baseline, "LONGEST_S", 0.05)
    for line, instead, message in (
            ("self.value += 1", "self.value += 0", "counter_1: 10 increments counted 0"),
            ("        return True", "        return False", "pool_tasks: the pool refused a task"),
            ("            item[-1]()\n            self.task_queue.task_done()", "            pass",
             "pool_tasks: 1 tasks did not end within 0 s"),
            ("for callback in self.callbacks:", "for callback in self.callbacks[1:]:",
             "bus_callbacks: 1 of 10 callbacks never ran")):
        assert CHAPTER.count(line) == 1
        path = chapter_file(tmp_path, CHAPTER.replace(line, instead))
        assert seed_baseline.main(["--chapter", str(path), "--operations", "10", "--repetitions", "1"]) == 4
        assert capsys.readouterr().err == f"seed_baseline.py: {message}\n"


def test_help_is_the_docstring():
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert seed_baseline.__doc__.strip() in done.stdout and "--chapter FILE" in done.stdout
