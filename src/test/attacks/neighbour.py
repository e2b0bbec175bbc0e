"""The neighbour of an attacker: a process that pulls through the cache from a registry of its own, and measures what it gets.

It is a process, not a thread, so that the work of the attack does not count as its latency.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from harness.client import Broken, Connection
from harness.upstream import Upstream

LIBRARY = Path(__file__).resolve().parents[1] / "python"
ADDRESS = "127.0.0.2"
# An attack must not be able to hide behind a neighbour that waits for ever.
PATIENCE = 10


class Neighbour:
    """The other end of such a process."""

    def __init__(self):
        environment = os.environ | {"PYTHONPATH": str(LIBRARY)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen([sys.executable, __file__], text=True, env=environment, **pipes)
        self.upstream = self._read()

    def begin(self, url):
        self._write({"pull": url})

    def end(self):
        """Waits for two more rounds; gives the number of pulls, the worst latency in seconds, and what was wrong."""
        self._write({"end": True})
        return self._read()

    def close(self):
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def _write(self, command):
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def _read(self):
        return json.loads(self._process.stdout.readline())


class Pulls:
    """Pulls in a thread, until it is told to end."""

    def __init__(self, upstream, url):
        self._upstream = upstream
        self._url = url
        self._tag, (self._warm,) = upstream.new_image("v1", 300_000)
        self._over = threading.Event()
        self._count = 0
        self._worst = 0.0
        self._wrong = []
        self._thread = threading.Thread(target=self._pull, daemon=True)
        self._thread.start()

    def end(self):
        self._over.set()
        self._thread.join()
        return {"pulls": self._count, "worst": self._worst, "wrong": self._wrong[:5]}

    def _pull(self):
        while not self._over.is_set():
            self._round()
            self._over.wait(0.05)
        self._round()
        self._round()

    def _round(self):
        cold = self._upstream.new_blob(4000)
        self._ask(f"blobs/{self._warm}", self._upstream.blobs[self._warm])
        self._ask(f"blobs/{cold}", self._upstream.blobs[cold])
        self._ask("manifests/v1", self._upstream.manifests[self._tag])
        self._upstream.forget(cold)

    def _ask(self, what, content):
        begun = time.monotonic()
        wrong = None
        try:
            connection = Connection(self._url, PATIENCE, ADDRESS)
            answer = connection.ask(f"/v2/team/app/{what}")
            connection.close()
            if answer.status != 200:
                wrong = f"{what}: {answer.status} {answer.body[:200]!r}"
            elif answer.body != content:
                wrong = f"{what}: wrong bytes"
        except Broken as e:
            wrong = str(e)
        seconds = time.monotonic() - begun
        self._count += 1
        self._worst = max(self._worst, seconds)
        if wrong:
            self._wrong.append(f"{wrong} after {seconds:.2f} s")


def main():
    upstream = Upstream()
    print(json.dumps(upstream.url), flush=True)
    pulls = None
    for line in sys.stdin:
        command = json.loads(line)
        if "pull" in command:
            pulls = Pulls(upstream, command["pull"])
        else:
            print(json.dumps(pulls.end()), flush=True)


if __name__ == "__main__":
    main()
