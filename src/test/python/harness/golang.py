"""Programs written in Go, of the versions that a go.mod and its go.sum pin."""

import os
import shutil
import subprocess

from harness.checks import Failed, Skipped
from harness.debian import install_missing
from harness.entrepot import ROOT

PROGRAMS = ROOT / "target/go"
# For all modules of one program. A network that does not answer is tried once more.
FETCH_SECONDS = 300
BUILD_SECONDS = 900


def build(folder, package):
    """Builds a program from the modules that the go.mod of a folder pins; returns its file.

    Fails with `Skipped` where Go or a module is not to be had, and with `Failed` where what was had does not build. Go keeps what it
    has compiled, so that a second build takes a moment.
    """
    go = find_go()
    program = PROGRAMS / package.rpartition("/")[2]
    fetch([go, "-C", str(folder), "list", "-deps", package], package)
    done = run([go, "-C", str(folder), "build", "-buildvcs=false", "-ldflags=-w", "-o", str(program), package], BUILD_SECONDS)
    if done.returncode:
        raise Failed(f"{package} does not build: {last_line(done)}")
    return program


def find_go():
    """The Go of the path, or where its own archive is unpacked, or else Debian's."""
    usual = "/usr/local/go/bin"
    found = shutil.which("go") or shutil.which("go", path=usual)
    if not found:
        try:
            install_missing(["golang-go:go"])
        except Failed as e:
            raise Skipped(f"Go is not to be had here: {e}") from e
        found = shutil.which("go")
    return found


def fetch(command, package):
    """Has the modules of a package fetched, as far as they are not here yet."""
    for _ in range(2):
        try:
            done = run(command, FETCH_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        if done.returncode:
            raise Skipped(f"{package} is not to be had here: {last_line(done)}")
        return
    raise Skipped(f"{package} is not to be had here: no answer within {FETCH_SECONDS} s, twice")


def run(command, seconds):
    environment = os.environ | {"CGO_ENABLED": "0"}
    return subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False
    )


def last_line(done):
    return " ".join(done.stderr.split("\n")[-3:]).strip()
