"""The shell that the checks are written in, and how a check of it is run and told."""

import os
import shlex
import subprocess
from pathlib import Path

from harness import golang
from harness.checks import FailedInShell, Run, Skipped
from harness.entrepot import ROOT, WAR, java
from harness.ports import free_ports

HERE = Path(__file__).resolve().parent
PORTS = ("open", "private", "subject", "throttle", "old", "guarded", "tokens", "doomed", "mirror", "secure", "lab", "directory", "ldaps", "provider")


class Shell:
    """Runs shell functions, each in a shell of its own. What they have in common are variables and the folder `work`."""

    def __init__(self, work):
        self.work = work
        self._scratch = work / "check"
        self._scratch.mkdir()
        self._variables = work / "variables.sh"
        self._variables.write_text("".join(f"{name}={value}\n" for name, value in self._values().items()))
        self._environment = os.environ | {"TMPDIR": str(work), "PYTHONPATH": str(ROOT / "src/test/python")}
        self._environment["PATH"] = f"{golang.PROGRAMS}:{os.environ['PATH']}"
        # These are for a check to set.
        for name in ("upstream", "ready"):
            self._environment.pop(name, None)

    def _values(self):
        ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        values = {"root": ROOT, "here": HERE, "work": self.work, "scratch": self._scratch, "secret": "horse-battery-staple"}
        values |= {f"{name}_port": port for name, port in ports.items()}
        values |= {name: f"http://127.0.0.1:{ports[name]}" for name in ("open", "private")}
        values["subject"] = os.environ.get("SUBJECT") or "entrepot"
        command = os.environ.get("SUBJECT_COMMAND", "").split() or [java(), "-jar", str(WAR)]
        return {name: shlex.quote(str(value)) for name, value in values.items()} | {"subject_command": f"({shlex.join(command)})"}

    def call(self, function, **options):
        """Runs a function; fails where it does."""
        return self._run(function, check=True, **options)

    def check(self, name, run):
        """Runs a function as a check, which leaves what it has to say in files."""
        said = self.work / "subject.err"
        before = said.stat().st_size if said.exists() else 0
        with (run.folder / "check.log").open("wb") as log:
            status = self._run(name, stdout=log, stderr=log).returncode
        run.notes += read(run.folder / "notes").splitlines()
        if status:
            if said.exists():
                (run.folder / "subject.log").write_bytes(said.read_bytes()[before:])
            raise FailedInShell(read(run.folder / "why").strip() or f"status {status}")
        if skipped := read(run.folder / "skipped"):
            raise Skipped(skipped.strip())

    def _run(self, function, **options):
        command = ["bash", HERE / "call.sh", self._variables, function]
        return subprocess.run(command, env=self._environment, stdin=subprocess.DEVNULL, **options)

    def new_run(self):
        self._scratch.mkdir(exist_ok=True)
        return Run(self._scratch)


def read(file):
    return file.read_text(errors="replace") if file.exists() else ""
