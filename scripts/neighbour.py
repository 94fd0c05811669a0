#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = []
# ///
"""A neighbour on the same machine: burns one processor, on and off, until it or who started it is ended.

Bursts and pauses are exponential, `--mean` seconds long on average, so that they begin at any time within a measurement;
`--seed` repeats them.
"""

import argparse
import os
import random
import sys
import time


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.error = lambda message: parser.exit(2, f"{parser.prog}: {message}\n")
    parser.add_argument("--mean", type=seconds, default=5.0, metavar="SECONDS",
                        help="of a burst, and of a pause (default 5)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parent", type=int, default=os.getppid(), metavar="PID",
                        help="whom it must not outlive (default: who started it)")
    options = parser.parse_args(argv)
    for burst, pause in turns(options.mean, options.seed):
        spend(burst, options.parent, work=True)
        spend(pause, options.parent, work=False)
        if os.getppid() != options.parent:
            return 0


def seconds(text):
    value = float(text)
    if not 0.01 <= value <= 3600:
        raise argparse.ArgumentTypeError(f"must be between 0.01 and 3600, got {text}")
    return value


def turns(mean, seed):
    """Lengths of a burst and of the pause after it, for ever."""
    draws = random.Random(seed)
    while True:
        yield draws.expovariate(1 / mean), draws.expovariate(1 / mean)


def spend(length, parent, work):
    """Works or sleeps for so many seconds, or until the parent is gone."""
    end = time.monotonic() + length
    while (left := end - time.monotonic()) > 0 and os.getppid() == parent:
        if not work:
            time.sleep(min(left, 0.5))


if __name__ == "__main__":
    sys.exit(main())
