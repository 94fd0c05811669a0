#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = []
# ///
"""Measures the concurrency classes of a chapter of Python: the numbers that the C++ pool is compared with.

Takes the ```python blocks out of a Markdown file, runs them as one module, and measures its ThreadPoolExecutor,
ThreadSafeDict, ThreadSafeCounter and EventBus as they stand. Only what keeps them from running at all is worked round:
a fence that was never closed, threading.RWLock used by a class above its definition, Condition.notifyAll (removed in
Python 3.13, and slowed down by its warning before), print in the middle of the CSV, and a shutdown that would hang: the
workers are sent home one by one instead. What is slow or wrong stays slow or wrong.

CSV on standard output, a row per measurement and one per name whose repetition is "median". Every repetition measures
each name once, so that a slow moment of the machine hits all alike:

  pool_tasks                empty tasks, from the first submit to the last one's end; 2 workers, 1 submitter
  dict_get_1, dict_get_2    lookups of 1,000 keys, by 1 and by 2 threads
  dict_set_1, dict_set_2    the same keys set
  counter_1, counter_2      increments of one counter
  bus_callbacks             publishes x 10 subscribers, until every callback has run

Exit codes: 0 ok; 2 usage, or a file that cannot be used; 4 something did not come to an end or lost work.
"""

import argparse
import csv
import itertools
import re
import statistics
import sys
import threading
import time
import types
from pathlib import Path

PROGRAM = "seed_baseline.py"
CLASSES = ("ThreadPoolExecutor", "ThreadSafeDict", "ThreadSafeCounter", "EventBus")
COLUMNS = ("name", "operations", "seconds", "ops_per_s", "repetition")
KEYS = 1000
SUBSCRIBERS = 10
WORKERS = 2
# Starting a thread costs hundreds of times as much as a lookup: the slow ones get by with a share of --operations.
POOL_SHARE = 10
BUS_SHARE = 100
# For all of a measurement's work, however slow the machine.
LONGEST_S = 120.0


class Unusable(Exception):
    """The chapter is not what it should be; exit code 2."""


class Failed(Exception):
    """The chapter's code did not do its work; exit code 4."""


def python_blocks(text):
    """The fenced blocks of Python as (number of the first line, text).

    A fence that opens inside a block ends it: the one before was never closed.
    """
    blocks, lines, first = [], None, 0
    for number, line in enumerate(text.splitlines(), start=1):
        fence = re.match(r"\s{0,3}```\s*(\w*)", line)
        if fence is None:
            if lines is not None:
                lines.append(line)
            continue
        if lines is not None:
            blocks.append((first, "\n".join(lines) + "\n"))
            lines = None
        if fence[1].lower() in ("python", "py", "python3"):
            lines, first = [], number + 1
    if lines is not None:
        blocks.append((first, "\n".join(lines) + "\n"))
    return blocks


def load_chapter(path):
    """Runs the chapter's blocks as one module and returns it. Throws Unusable."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Unusable(f"{path}: cannot be opened: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unusable(f"{path}: is not UTF-8") from error
    blocks = python_blocks(text)
    if not blocks:
        raise Unusable(f"{path}: holds no ```python block")
    module = types.ModuleType("chapter")
    module.__dict__["print"] = lambda *_, **__: None
    sys.modules[module.__name__] = module  # dataclasses look themselves up there
    threading.Condition.notifyAll = threading.Condition.notify_all
    for first, block in blocks:
        try:
            # Blank lines in front, so that an error names the chapter's own line.
            exec(compile("\n" * (first - 1) + block, str(path), "exec"), module.__dict__)  # pylint: disable=exec-used
        except Exception as error:
            raise Unusable(f"{path}:{_line_of(error, path, first)}: {type(error).__name__}: "
                           f"{getattr(error, 'msg', error)}") from error
    missing = [name for name in CLASSES if not hasattr(module, name)]
    if missing:
        raise Unusable(f"{path}: its blocks do not define {', '.join(missing)}")
    if not hasattr(threading, "RWLock") and hasattr(module, "RWLock"):
        threading.RWLock = module.RWLock
    return module


def _line_of(error, path, first):
    if isinstance(error, SyntaxError):
        return error.lineno
    line, trace = first, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def measure_pool(chapter, operations):
    """Seconds for that many empty tasks."""
    pool = chapter.ThreadPoolExecutor(min_threads=WORKERS, max_threads=WORKERS)

    def nothing():
        pass

    start = time.perf_counter()
    for _ in range(operations):
        if not pool.submit(nothing):
            raise Failed("pool_tasks: the pool refused a task")
    _join(pool.task_queue)
    seconds = time.perf_counter() - start
    # Its own shutdown waits for workers that it has told nothing. Different priorities: two equal ones would be
    # compared further, None with None.
    for worker in range(WORKERS):
        pool.task_queue.put((100 + worker, None))
    for thread in pool.threads:
        thread.join(LONGEST_S)
    return seconds


def _join(tasks):
    """queue.Queue.join(), but not for ever."""
    deadline = time.monotonic() + LONGEST_S
    with tasks.all_tasks_done:
        while tasks.unfinished_tasks:
            if not tasks.all_tasks_done.wait(deadline - time.monotonic()):
                raise Failed(f"pool_tasks: {tasks.unfinished_tasks} tasks did not end within {LONGEST_S:.0f} s")


def measure_dict_get(chapter, operations, threads):
    table = _filled(chapter)
    return _timed(threads, operations, lambda number: table.get(number % KEYS))


def measure_dict_set(chapter, operations, threads):
    table = _filled(chapter)
    return _timed(threads, operations, lambda number: table.set(number % KEYS, number))


def _filled(chapter):
    table = chapter.ThreadSafeDict()
    for key in range(KEYS):
        table.set(key, key)
    return table


def measure_counter(chapter, operations, threads):
    counter = chapter.ThreadSafeCounter()
    seconds = _timed(threads, operations, lambda _: counter.increment())
    if counter.get() != operations:
        raise Failed(f"counter_{threads}: {operations} increments counted {counter.get()}")
    return seconds


def _timed(threads, operations, call):
    """Seconds for `operations` calls, shared out over the threads, from the moment at which all of them are there."""
    start = []
    together = threading.Barrier(threads, action=lambda: start.append(time.perf_counter()))
    shares = [operations // threads + (index < operations % threads) for index in range(threads)]

    def work(share):
        together.wait()
        for number in range(share):
            call(number)

    workers = [threading.Thread(target=work, args=(share,), daemon=True) for share in shares]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(LONGEST_S)
        if worker.is_alive():
            raise Failed(f"a thread did not end within {LONGEST_S:.0f} s")
    return time.perf_counter() - start[0]


def measure_bus(chapter, operations):
    """Seconds until that many callbacks have run; a multiple of SUBSCRIBERS."""
    bus = chapter.EventBus()
    ran = itertools.count(1)  # its next() is one step
    all_ran = threading.Event()

    def callback(_):
        if next(ran) == operations:
            all_ran.set()

    for _ in range(SUBSCRIBERS):
        bus.subscribe("message", callback)
    start = time.perf_counter()
    for number in range(operations // SUBSCRIBERS):
        bus.publish("message", number)
    if not all_ran.wait(LONGEST_S):
        raise Failed(f"bus_callbacks: {operations - next(ran) + 1} of {operations} callbacks never ran")
    return time.perf_counter() - start


def plan(operations):
    """(name, operations, function of chapter and operations), in the order of measuring."""
    callbacks = max(1, operations // BUS_SHARE // SUBSCRIBERS) * SUBSCRIBERS
    steps = [("pool_tasks", max(1, operations // POOL_SHARE), measure_pool)]
    for name, measure in (("dict_get", measure_dict_get), ("dict_set", measure_dict_set),
                          ("counter", measure_counter)):
        for threads in (1, 2):
            steps.append((f"{name}_{threads}", operations,
                          lambda chapter, count, measure=measure, threads=threads: measure(chapter, count, threads)))
    return steps + [("bus_callbacks", callbacks, measure_bus)]


def rows(chapter, operations, repetitions):
    """The rows of the CSV, in order: every measurement as it is made, then the medians."""
    steps = plan(operations)
    seconds = {name: [] for name, _, _ in steps}
    for repetition in range(1, repetitions + 1):
        for name, count, measure in steps:
            seconds[name].append(measure(chapter, count))
            yield row(name, count, seconds[name][-1], repetition)
    for name, count, _ in steps:
        yield row(name, count, statistics.median(seconds[name]), "median")


def row(name, operations, seconds, repetition):
    return name, operations, f"{seconds:.6f}", round(operations / max(seconds, 1e-9)), repetition


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.error = lambda message: parser.exit(2, f"{PROGRAM}: {message}\n")
    parser.add_argument("--chapter", metavar="FILE", type=Path, required=True, help="Markdown with ```python blocks")
    parser.add_argument("--operations", metavar="N", type=int, default=200_000,
                        help="a measurement of dict and counter; the pool gets a tenth, the bus a hundredth "
                             "(default 200000)")
    parser.add_argument("--repetitions", metavar="N", type=int, default=5, help="of every measurement (default 5)")
    options = parser.parse_args(argv)
    for flag in ("operations", "repetitions"):
        if getattr(options, flag) < 1:
            parser.error(f"--{flag}: must be at least 1, got {getattr(options, flag)}")
    try:
        chapter = load_chapter(options.chapter)
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(COLUMNS)
        for line in rows(chapter, options.operations, options.repetitions):
            writer.writerow(line)
            sys.stdout.flush()
    except Unusable as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2
    except Failed as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 4
    except OSError as error:
        print(f"{PROGRAM}: standard output: {error.strerror}", file=sys.stderr)
        return 7
    return 0


if __name__ == "__main__":
    sys.exit(main())
