"""Checks that are counted and reported, and what they need to say why they failed."""

import collections
import os
import shutil
import time
import traceback
from pathlib import Path

CHECKS = []


class Failed(Exception):
    """Something is not as promised."""


class FailedInShell(Failed):
    """The same, in words that a shell has found."""


class Skipped(Exception):
    """What cannot be done here, for the reason given."""


def check(function):
    """Makes a function of a `Run` one of the checks, in the order of the source."""
    CHECKS.append(function)
    return function


def expect(condition, why):
    if not condition:
        raise Failed(why)


def expect_equal(what, wanted, got):
    expect(wanted == got, f"{what}: wanted {wanted!r}, got {got!r}")


def need_root(what):
    if os.geteuid() != 0:
        raise Skipped(f"{what} needs root")


def need_program(name):
    if not shutil.which(name):
        raise Skipped(f"there is no {name}")


class Run:
    """One run of one check: its folder, how long it may take, and what must be closed after it."""

    def __init__(self, folder, is_long=False):
        self.folder = Path(folder)
        self.is_long = is_long
        self.notes = []
        self._opened = []

    def either(self, short, long):
        """Chooses by the length of the run."""
        return long if self.is_long else short

    def note(self, text):
        """Adds a measured value to the line of a check that passes."""
        self.notes.append(text)

    def closing(self, thing):
        """Has a thing closed when the check is over."""
        self._opened.append(thing)
        return thing

    def close(self):
        while self._opened:
            self._opened.pop().close()


def run_all(checks, new_run, keep=False):
    """Runs checks, given by name and function, each with a run of its own; prints a line for each and the sum."""
    outcomes = collections.Counter(run_one(name, function, new_run(), keep) for name, function in checks)
    skipped = f", {outcomes['skipped']} skipped" if outcomes["skipped"] else ""
    print(f"{outcomes['ok']} passed, {outcomes['FAIL']} failed{skipped}", flush=True)
    return 1 if outcomes["FAIL"] else 0


def run_one(name, function, run, keep):
    started = time.monotonic()
    outcome, why = "ok", ""
    try:
        function(run)
    except Skipped as e:
        outcome, why = "skipped", str(e)
    except FailedInShell as e:
        outcome, why = "FAIL", str(e)
    except Exception as e:  # whatever it is, the other checks go on
        outcome, why = "FAIL", f"{type(e).__name__}: {e}"
        traceback.print_exc()
    finally:
        run.close()
    seconds = f"{time.monotonic() - started:.1f} s"
    print(f"{outcome} {name}" + (f": {why}" if why else f" ({', '.join([seconds, *run.notes])})"), flush=True)
    if outcome == "FAIL":
        print_logs(run.folder)
    if keep:
        print(f"    left in {run.folder}")
    else:
        remove(run.folder)
    return outcome


def print_logs(folder):
    for log in sorted([*folder.glob("*.log"), *folder.glob("*/*.log")]):
        for line in log.read_text(errors="replace").splitlines()[-12:]:
            print(f"    {log.stem}: {line[:400]}")


def remove(folder):
    """Removes a tree, also one in which a crash has left what cannot be read."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()
    folder.rmdir()
