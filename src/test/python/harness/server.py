"""A server in a process of its own."""

import os
import subprocess
import time
from pathlib import Path

from harness import procfs
from harness.checks import Failed, expect
from harness.client import Broken, ask
from harness.ports import free_port
from harness.waiting import wait_until


class Server:
    """A server on the loopback interface, which is started, ended and started again on one folder.

    It works in `folder`, where its log and its configuration are, and stores in `data`.
    """

    name = ""
    is_entrepot = False
    # How long it may take to start, and to end.
    patience = 600

    def __init__(self, folder, upstream=None, data=None, port=None):
        self.folder = Path(folder)
        self.data = Path(data or self.folder / "data")
        self.upstream = upstream
        self.port = port or free_port()
        self.process = None
        self.folder.mkdir(parents=True, exist_ok=True)
        self.prepare()

    def prepare(self):
        """Writes the configuration. Fails with `Skipped` where the machine lacks the server."""

    def command(self):
        raise NotImplementedError

    def environment(self):
        return {}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self.process.pid

    def launch(self, prefix=()):
        """Starts it, behind a command such as `prlimit` if there is one, and waits for nothing."""
        with self._log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [*prefix, *self.command()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=os.environ | self.environment(),
            )

    def become(self):
        """Makes this process the server, for a shell that looks after it."""
        command = self.command()
        os.chdir(self.folder)
        os.execvpe(command[0], command, os.environ | self.environment())

    def start(self, prefix=()):
        """Starts it and waits for the first 200; returns the seconds that took."""
        begun = time.monotonic()
        self.launch(prefix)
        try:
            wait_until(self.patience, "the first answer", lambda: self.has_ended() or self.answers(), every=0.005)
        except Failed as e:
            raise Failed(f"{e}: {self.where_it_is()}") from e
        expect(not self.has_ended(), f"{self.name} has not started: {self.last_words()}")
        return time.monotonic() - begun

    def where_it_is(self):
        """What a server is doing that does not answer, as far as it can be asked."""
        return self.last_words()

    def has_ended(self):
        return self.process.poll() is not None

    def answers(self):
        try:
            return self.get("/v2/", timeout=5).status in (200, 401)  # 401: who asks has to log in
        except Broken:
            return False

    def get(self, path, method="GET", timeout=60, **headers):
        """Asks once. Fails with `Broken` where the answer is not whole."""
        return ask(self.url, path, method, timeout, **headers)

    def stop(self):
        """Ends it in order, or by force where it takes its time; returns the status it ended with."""
        if self.process is None:
            return None
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
        return self.process.returncode

    def close(self):
        """Ends it with the run."""
        self.stop()

    def kill(self):
        """Ends it as a power cut would, without a word."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)

    @property
    def _log_file(self):
        return self.folder / f"{self.name}.log"

    def log(self):
        return self._log_file.read_text(errors="replace")

    def last_words(self):
        return self.log().splitlines()[-1:]

    def cpu(self):
        """Seconds of processor time so far, user and system, its children's too."""
        return sum(map(procfs.cpu_seconds, procfs.family(self.pid)))

    def forget_peak(self):
        for pid in procfs.family(self.pid):
            procfs.forget_peak(pid)

    def peak_mib(self):
        """The most memory it and its children have had since the last `forget_peak`."""
        return sum(map(procfs.peak_mib, procfs.family(self.pid)))
