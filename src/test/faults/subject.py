"""The packaged WAR in a process of its own, and what lies in its folder."""

import contextlib
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from checks import Failed, expect, wait_until

WAR = Path(__file__).resolve().parents[3] / "target" / "entrepot.war"
HEX = {"sha256": re.compile("[0-9a-f]{64}"), "sha512": re.compile("[0-9a-f]{128}")}


class Broken(Exception):
    """An answer that ended before its end, or never began: the client knows that it has nothing."""


class Answer:
    """A whole answer."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def digest(self):
        return "sha256:" + hashlib.sha256(self.body).hexdigest()


def java(*names):
    home = os.environ.get("JAVA_HOME")
    return str(Path(home, "bin", *names)) if home else names[-1]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Subject:
    """A cache of an upstream: started, killed and started again on one folder."""

    def __init__(self, run, upstream, data=None, heap="128m", tiered=False, name="subject", **settings):
        self.data = Path(data or run.folder / "data")
        self.port = free_port()
        self.started_in = 0.0
        self._log = run.folder / f"{name}.log"
        self._tmp = run.folder / f"{name}.tmp"
        self._heap = heap
        # The first compiler alone starts fastest; where speed is measured, both work.
        self._compilers = [] if tiered else ["-XX:TieredStopAtLevel=1"]
        self._settings = {"storage.reserve": "0B", "proxy.remoteurl": upstream.url}
        self._settings |= {"proxy.breaker.rest": "100ms", "proxy.breaker.maxrest": "100ms"}
        self._settings |= {key.replace("_", "."): value for key, value in settings.items()}
        self._process = None
        run.closing(self)

    @property
    def pid(self):
        return self._process.pid

    def set(self, key, value):
        """Changes a setting for the next start."""
        self._settings[key] = value

    def start(self, prefix=()):
        """Starts it, behind a command such as `prlimit` if there is one, and waits for the first 200."""
        self.launch(prefix)
        begun = time.monotonic()
        wait_until(180, "the first answer", lambda: self.has_ended() or self.answers())
        expect(not self.has_ended(), f"it has not started: {self.last_words()}")
        self.started_in = time.monotonic() - begun
        return self

    def launch(self, prefix=()):
        """Starts it and waits for nothing."""
        shutil.rmtree(self._tmp, ignore_errors=True)
        self._tmp.mkdir()
        command = [*prefix, java("java"), *self._compilers, f"-Xmx{self._heap}", f"-Djava.io.tmpdir={self._tmp}", "-jar", str(WAR)]
        command += ["--addr", f"127.0.0.1:{self.port}", "--data", str(self.data)]
        for key, value in self._settings.items():
            command += ["--set", f"{key}={value}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def has_ended(self):
        return self._process.poll() is not None

    @property
    def exit_status(self):
        return self._process.returncode

    def answers(self):
        with contextlib.suppress(Broken):
            return self.get("/v2/", timeout=5).status == 200
        return False

    def last_words(self):
        return self._log.read_text(errors="replace").splitlines()[-1:]

    def log(self):
        return self._log.read_text(errors="replace")

    def kill(self):
        """Ends it as a power cut would, without a word."""
        if self._process and not self.has_ended():
            self._process.send_signal(signal.SIGKILL)
        if self._process:
            self._process.wait(30)

    close = kill

    def stop(self):
        """Ends it in order."""
        self._process.terminate()
        expect(self._process.wait(60) == 0, f"it ended with {self._process.returncode}")

    def get(self, path, method="GET", timeout=60, **headers):
        """Asks once. Fails with `Broken` where the answer is not whole."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        except (http.client.HTTPException, OSError) as e:
            raise Broken(f"{method} {path}: {type(e).__name__}: {e}") from e
        finally:
            connection.close()

    def blob(self, digest, method="GET", **headers):
        return self.get(f"/v2/team/app/blobs/{digest}", method, **headers)

    def manifest(self, reference, method="GET"):
        return self.get(f"/v2/team/app/manifests/{reference}", method)

    def stats(self):
        return json.loads(self.get("/api/stats").body)

    def requests_in_flight(self):
        metrics = self.get("/metrics").body.decode()
        return float(re.search(r"^entrepot_requests_in_flight (\S+)", metrics, re.M)[1])

    def counts(self):
        """How many blobs the catalog knows, and how many are leased."""
        stats = self.stats()
        return stats["held"]["blobs"], stats["leases"]

    def health(self):
        """What is broken and why, as a dictionary."""
        report = json.loads(self.get("/api/health").body)
        return {trouble["what"]: trouble["why"] for trouble in report["degraded"]}

    def await_idle(self):
        wait_until(30, "the end of all fills", lambda: self.stats()["fillsInFlight"] == 0)

    def threads(self, name):
        """The ids of its threads whose names begin so; Linux knows the first fifteen letters."""
        found = []
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            with contextlib.suppress(OSError):
                if (task / "comm").read_text().startswith(name):
                    found.append(task.name)
        return found

    def thread_count(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def heap_after_collection(self):
        """Bytes of heap in use when all that can be collected has been."""
        jcmd = [java("jcmd"), str(self.pid)]
        subprocess.run([*jcmd, "GC.run"], check=True, capture_output=True)
        info = subprocess.run([*jcmd, "GC.heap_info"], check=True, capture_output=True, text=True).stdout
        return sum(int(used) * 1024 for used in re.findall(r"^ .*(?:heap|generation) .*used (\d+)K", info, re.M))

    def has_file(self, digest):
        algorithm, value = digest.split(":")
        return (self.data / "blobs" / algorithm / value[:2] / value).exists()

    def spooled(self):
        return sorted(path.name for path in (self.data / "spool").glob("*"))

    def spooled_bytes(self):
        total = 0
        for path in (self.data / "spool").glob("*"):
            with contextlib.suppress(FileNotFoundError):
                total += path.stat().st_size
        return total

    def peak_mib(self):
        """The most memory it has had, in MiB."""
        return self._status("VmHWM") // 1024

    def _status(self, key):
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1])
        raise KeyError(key)

    def stored(self):
        """The digests of the files in the store; fails where one holds other bytes than its name says."""
        found = set()
        for path in (self.data / "blobs").rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # evicted between two looks
                if path.is_file():
                    found.add(verified(path))
        return found


def verified(path):
    algorithm = path.parent.parent.name
    if algorithm not in HEX or not HEX[algorithm].fullmatch(path.name):
        raise Failed(f"{path} is no blob")
    with path.open("rb") as content:
        actual = hashlib.file_digest(content, algorithm).hexdigest()
    if actual != path.name:
        raise Failed(f"{path} holds {path.stat().st_size} bytes of {algorithm}:{actual}")
    return f"{algorithm}:{actual}"
