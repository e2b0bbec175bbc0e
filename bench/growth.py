"""The cases about one Entrepot alone: how it starts, and what the size of the cache costs it."""

import json
import os
import statistics
import subprocess
import time

import servers
from cases import Bar, Case, blob, case
from harness.checks import Skipped, expect
from harness.contents import digest_of
from harness.entrepot import ROOT, java, plant
from harness.socketget import Get
from harness.waiting import wait_until

SAMPLES = 300
SIZES = tuple(map(int, os.environ.get("BENCH_GROWTH", "1000,100000").split(",")))


def fill(folder, blobs, upstream):
    """Makes a cache of so many tiny blobs: their files are written here, Entrepot takes them in and leases them."""
    for number in range(blobs):
        body = b"tiny blob %d\n" % number
        plant(folder, digest_of(body), body)
    server = servers.new_server(servers.Executable, folder.parent, upstream, data=folder)
    server.start()
    begun = time.monotonic()
    wait_until(3600, "a lease for each blob", lambda: server.has_ended() or server.stats()["leases"] >= blobs, every=2)
    expect(not server.has_ended(), f"it has ended: {server.last_words()}")
    server.stop()
    return time.monotonic() - begun


def await_rest(server):
    """What a start does in the background is not what is measured; the first one verifies each blob, a thousand a second."""
    while not server.stats()["scrub"]["passEndedAt"]:
        time.sleep(10)
    busy = True
    while busy:
        before = server.cpu()
        time.sleep(5)
        busy = server.cpu() - before > 0.2


@case
class Start(Case):
    """From the start of the process to the first 200."""

    name = "start"
    blobs = 100_000
    subjects = (servers.Tomcat, servers.Executable)
    bars = (Bar("empty s", 2), Bar("100,000 blobs s", 3), Bar("empty CPU s", 2))

    def measure_all(self, run, rounds):
        filled = run.folder / "filled/cache"
        print(f"  {self.blobs:,} blobs taken in and leased in {fill(filled, self.blobs, run.upstream.url):.0f} s", flush=True)
        results = {}
        for number in range(rounds + 1):
            for cls in self.subjects:
                empty, spent = self.started(cls, run, run.folder / f"empty-{cls.name}-{number}")
                full, _ = self.started(cls, run, filled)
                if number:
                    results.setdefault(cls.name, []).append({"empty s": empty, "100,000 blobs s": full, "empty CPU s": spent})
        return results

    @staticmethod
    def started(cls, run, cache):
        server = servers.new_server(cls, run.folder, run.upstream.url, data=cache)
        try:
            return server.start(), server.cpu()
        finally:
            server.stop()


@case
class Growth(Case):
    """First hits after a restart, when nothing is in memory, and cold pulls, each of which commits, links and leases."""

    name = "growth"
    long = True
    rounds = 3
    sizes = SIZES
    bars = tuple(Bar(f"{what} {size:,} ÷ {SIZES[0]:,}", 1.2) for size in SIZES[1:] for what in ("hit", "lease"))

    def measure_all(self, run, rounds):
        caches = {size: run.folder / f"grown-{size}/cache" for size in self.sizes}
        for size, folder in caches.items():
            print(f"  {size:,} blobs taken in and leased in {fill(folder, size, run.upstream.url):.0f} s", flush=True)
        self.restart(run, caches, lambda by_size: self.lease(run, by_size, "warm-up"))
        results = []
        for number in range(1, rounds + 1):
            measured = {}
            self.restart(run, caches, lambda by_size: measured.update(self.hit(by_size) | self.lease(run, by_size, number)))
            row = {}
            for what in ("hit", "lease"):
                base = measured[what, self.sizes[0]]
                row[f"{what} ms at {self.sizes[0]:,}"] = 1000 * base
                row |= {f"{what} {size:,} ÷ {self.sizes[0]:,}": measured[what, size] / base for size in self.sizes[1:]}
            results.append(row)
        return {"entrepot-tomcat": results}

    @staticmethod
    def restart(run, caches, work):
        by_size = {size: servers.new_server(servers.Tomcat, run.folder, run.upstream.url, data=cache) for size, cache in caches.items()}
        try:
            for server in by_size.values():
                server.start()
            for server in by_size.values():
                await_rest(server)
            work(by_size)
        finally:
            for server in by_size.values():
                server.stop()

    def hit(self, by_size):
        """Blobs that the previous start has pulled."""
        return {("hit", size): value for size, value in self.medians(by_size, self.pulled).items()}

    def lease(self, run, by_size, number):
        self.pulled = [run.contents.blob(f"growth {number} {i}", 1024) for i in range(SAMPLES)]
        return {("lease", size): value for size, value in self.medians(by_size, self.pulled).items()}

    @staticmethod
    def medians(by_size, descriptors):
        seconds = {size: [] for size in by_size}
        for descriptor in descriptors:
            for size, server in by_size.items():
                begun = time.monotonic()
                Get(blob(server, descriptor)).receive_all()
                seconds[size].append(time.monotonic() - begun)
        return {size: statistics.median(values) for size, values in seconds.items()}


class JavaCase(Case):
    """What a main class of the tests measures, without HTTP."""

    long = True
    rounds = 1

    def measure_all(self, run, rounds):
        return {"entrepot-tomcat": [self.told(run.folder / f"{self.name}-{number}") for number in range(rounds)]}

    def told(self, folder):
        classes = ROOT / "target/test-classes"
        if not classes.is_dir():
            raise Skipped("target/test-classes is not built")
        path = f"{classes}:{ROOT / 'target/classes'}:{ROOT / 'target/entrepot/WEB-INF/lib'}/*"
        command = [java(), "-Xmx512m", "-cp", path, f"io.entrepot.expiry.{self.program}", str(folder), self.count]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return json.loads(told.splitlines()[-1])


@case
class LeasesCase(JavaCase):
    """A million leases."""

    name = "leases"
    program = "LeaseBench"
    count = os.environ.get("BENCH_LEASES", "1000000")
    bars = (
        Bar("adds/s", 1000, at_least=True),
        Bar("fires/s", 500, at_least=True),
        Bar("restart s", 10),
        Bar("bytes a lease", 1024),
    )


@case
class RoomCase(JavaCase):
    """Room among a hundred thousand images."""

    name = "room"
    program = "RoomBench"
    count = os.environ.get("BENCH_IMAGES", "100000")
    bars = (Bar("ms to choose 50", 1000), Bar("ms after a tenth that is pinned", 1000))
