"""F3: a disk that has no room or no inodes left. Clients get their bytes, and the cache gets well by itself."""

import contextlib

import disks
from harness.checks import check, expect, expect_equal
from harness.contents import MIB
from harness.upstream import Upstream
from harness.waiting import running, wait_until
from subject import Subject

SMALL_HEAP = "64m"


class SmallDisk:
    """A tmpfs of a few megabytes, which can be filled to the last byte or inode."""

    def __init__(self, run, options):
        self.folder = run.folder / "disk"
        self.folder.mkdir()
        disks.mount(self.folder, "-t", "tmpfs", "-o", options, "tmpfs")
        self._fillers = []
        run.closing(self)

    def fill(self):
        filler = self.folder / "filler"
        self._fillers.append(filler)
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            part = MIB
            while part:
                try:
                    file.write(bytes(part))
                except OSError:
                    part //= 2

    def fill_inodes(self):
        with contextlib.suppress(OSError):
            while True:
                filler = self.folder / f"filler-{len(self._fillers)}"
                filler.touch()
                self._fillers.append(filler)

    def free(self):
        while self._fillers:
            self._fillers.pop().unlink(missing_ok=True)

    def close(self):
        disks.close(self.folder)


class Bench:
    """A cache on a small disk that holds an image already."""

    def __init__(self, run, options, **settings):
        self.run = run
        self.disk = SmallDisk(run, options)
        self.upstream = run.closing(Upstream())
        self.subject = Subject(run, self.upstream, data=self.disk.folder / "data", heap=SMALL_HEAP, **settings).start()
        self.held, (self.held_blob,) = self.upstream.new_image("held", 2 * MIB)
        self.pull_held()
        self.subject.await_idle()

    def pull_held(self):
        expect_equal("a held blob", self.held_blob, self.subject.blob(self.held_blob).digest)
        expect_equal("a held manifest", self.held, self.subject.manifest("held").digest)

    def pull_together(self, digest, clients, meanwhile=lambda: None):
        """Has several clients pull one blob at once, looks at every byte of each, and at who asked the upstream for it.

        Nothing comes before all are there: who is late for a fill that keeps nothing on the disk gets one of its own.
        """
        answers = []
        self.upstream.flows.clear()
        with running(*[lambda: answers.append(self.subject.blob(digest))] * clients):
            wait_until(20, "the clients", lambda: self.subject.requests_in_flight() == clients)
            self.upstream.flows.set()
            meanwhile()
        expect_equal("clients with exact bytes", clients, sum(answer.digest == digest for answer in answers))
        joined = sum("collapsed" in answer.headers["Cache-Status"] for answer in answers)
        expect_equal("clients that joined the fill", clients - 1, joined)
        expect_equal("GETs of the upstream", 1, self.upstream.gets(digest))
        self.subject.await_idle()

    def expect_degraded(self, why):
        expect(why in self.subject.health().get("storage", ""), f"health does not say {why!r}: {self.subject.health()}")

    def expect_not_kept(self, digest):
        expect(not self.subject.has_file(digest), "it was kept, so there was room")
        expect_equal("spool files", [], self.subject.spooled())

    def expect_recovered(self):
        """Without a restart, the next blob is kept and all is well."""
        self.upstream.bytes_per_second = 0
        digest = self.upstream.new_blob(300_000)
        self.pull_together(digest, 1)
        expect(self.subject.has_file(digest), "nothing is kept although there is room")
        expect_equal("health", {}, self.subject.health())
        self.pull_held()
        self.subject.stored()


@check
def blob_larger_than_the_disk_is_served_in_bounded_memory(run):
    bench = Bench(run, "size=64m")
    digest = bench.upstream.new_blob(200 * MIB)
    bench.pull_together(digest, clients=4)
    bench.expect_degraded("no room for a fill")
    bench.expect_not_kept(digest)
    bench.expect_recovered()
    run.note(f"200 MiB to 4 clients through a heap of {SMALL_HEAP}, {bench.subject.peak_mib():.0f} MiB resident at most")


@check
def disk_that_fills_up_in_a_fill_is_survived(run):
    bench = Bench(run, "size=64m")
    bench.upstream.bytes_per_second = 20 * MIB
    digest = bench.upstream.new_blob(40 * MIB)

    def fill_up():
        wait_until(20, "a part of the blob", lambda: bench.subject.spooled_bytes() > 5 * MIB)
        bench.disk.fill()

    bench.pull_together(digest, clients=4, meanwhile=fill_up)
    bench.expect_degraded("No space left on device")
    bench.expect_not_kept(digest)
    bench.pull_held()
    late, (late_blob,) = bench.upstream.new_image("late", 2 * MIB)
    expect_equal("a blob while the disk is full", late_blob, bench.subject.blob(late_blob).digest)
    expect_equal("a manifest while the disk is full", late, bench.subject.manifest("late").digest)
    for _ in range(20):
        bench.pull_held()
    bench.disk.free()
    bench.expect_recovered()


@check
def disk_without_inodes_is_survived(run):
    bench = Bench(run, "size=64m,nr_inodes=2000")
    bench.disk.fill_inodes()
    image, (digest,) = bench.upstream.new_image("new", 5 * MIB)
    bench.pull_together(digest, clients=4)
    expect_equal("a manifest without inodes", image, bench.subject.manifest("new").digest)
    bench.expect_degraded("No space left on device")
    bench.expect_not_kept(digest)
    bench.pull_held()
    bench.disk.free()
    bench.expect_recovered()
