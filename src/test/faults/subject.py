"""The packaged WAR in a process of its own, and what lies in its folder."""

import contextlib
import re
import shutil

from harness import procfs
from harness.checks import Failed, expect
from harness.contents import digest_of_file
from harness.entrepot import Executable, blob_file
from harness.waiting import wait_until

HEX = {"sha256": re.compile("[0-9a-f]{64}"), "sha512": re.compile("[0-9a-f]{128}")}


class Subject(Executable):
    """A cache of an upstream: started, killed and started again on one folder."""

    patience = 180

    def __init__(self, run, upstream, data=None, heap="128m", tiered=False, name="subject", **settings):
        self.name = name
        self.started_in = 0.0
        self._tmp = run.folder / name / "tmp"
        # The first compiler alone starts fastest; where speed is measured, both work.
        options = [] if tiered else ["-XX:TieredStopAtLevel=1"]
        options.append(f"-Djava.io.tmpdir={self._tmp}")
        given = {"storage.reserve": "0B", "proxy.breaker.rest": "100ms", "proxy.breaker.maxrest": "100ms"}
        given |= {"proxy.parallel": "1"}  # the checks count GETs
        given |= {key.replace("_", "."): value for key, value in settings.items()}
        data = data or run.folder / "data"
        super().__init__(run.folder / name, upstream.url, settings=given, heap=heap, java_options=options, data=data)
        run.closing(self)

    def set(self, key, value):
        """Changes a setting for the next start."""
        self.settings[key] = value

    def start(self, prefix=()):
        self.started_in = super().start(prefix)
        return self

    def launch(self, prefix=()):
        shutil.rmtree(self._tmp, ignore_errors=True)
        self._tmp.mkdir()
        super().launch(prefix)

    @property
    def exit_status(self):
        return self.process.returncode

    close = Executable.kill

    def stop(self):
        """Ends it in order."""
        status = super().stop()
        expect(status == 0, f"it ended with {status}")

    def blob(self, digest, method="GET", **headers):
        return self.get(f"/v2/team/app/blobs/{digest}", method, **headers)

    def manifest(self, reference, method="GET"):
        return self.get(f"/v2/team/app/manifests/{reference}", method)

    def requests_in_flight(self):
        metrics = self.get("/metrics").body.decode()
        return float(re.search(r"^entrepot_requests_in_flight (\S+)", metrics, re.M)[1])

    def counts(self):
        """How many blobs the catalog knows, and how many are leased."""
        stats = self.stats()
        return stats["held"]["blobs"], stats["leases"]

    def health(self):
        """What is broken and why, as a dictionary."""
        return {trouble["what"]: trouble["why"] for trouble in self.get("/api/health").json()["degraded"]}

    def await_idle(self):
        wait_until(30, "the end of all fills", lambda: self.stats()["fillsInFlight"] == 0)

    def threads(self, name):
        return procfs.tasks_named(self.pid, name)

    def thread_count(self):
        return len(procfs.tasks(self.pid))

    def has_file(self, digest):
        return blob_file(self.data, digest).exists()

    def spooled(self):
        return sorted(path.name for path in (self.data / "spool").glob("*"))

    def spooled_bytes(self):
        total = 0
        for path in (self.data / "spool").glob("*"):
            with contextlib.suppress(FileNotFoundError):
                total += path.stat().st_size
        return total

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
    digest = digest_of_file(path, algorithm)
    if digest != f"{algorithm}:{path.name}":
        raise Failed(f"{path} holds {path.stat().st_size} bytes of {digest}")
    return digest
