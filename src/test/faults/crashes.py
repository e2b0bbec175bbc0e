"""F1 and F2: processes that are killed, and power that is cut, at random moments under the load of eight clients."""

import fcntl
import os
import random
import struct
import subprocess
import time

import disks
from commit import expect_nothing_false
from harness.checks import check, expect, expect_equal, need_program, need_root
from harness.upstream import Upstream
from harness.waiting import wait_until
from load import SIZES, Load
from subject import Subject

# Slow enough that a kill finds fills under way.
UPSTREAM_RATE = 8_000_000
# ext4: end at once, without writing the journal out.
EXT4_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2


class Trials:
    """A cache that is loaded, ended and looked at, again and again."""

    def __init__(self, run, seed, **settings):
        self.random = random.Random(seed)
        self.upstream = run.closing(Upstream(seed))
        self.subject = Subject(run, self.upstream, proxy_parallel="4", **settings).start()
        self.ends = 0
        self.pulls = 0
        self.hits = 0
        self.broken = 0

    def load(self, end):
        """Loads it for a moment and ends it; returns what was asked for, and what was certainly stored by then."""
        self.upstream.bytes_per_second = UPSTREAM_RATE
        digests = [self.upstream.new_blob(size) for size in SIZES]
        with Load(self.subject, self.upstream, digests, self.random) as load:
            if self.ends % 2:
                time.sleep(self.random.uniform(0.1, 2.0))
            else:  # chance alone might strike no fill, where the machine is slow
                wait_until(30, "a fill", self.subject.spooled)
                time.sleep(self.random.uniform(0.1, 0.5))
            hits, refused = set(load.hits), list(load.refused)
            end()
        expect(self.subject.has_ended(), "it has not ended")
        expect_equal("wrong answers", [], load.wrong)
        expect_equal("refusals before the end", [], refused)
        self.ends += 1
        self.pulls += load.whole
        self.hits += len(hits)
        return digests, hits

    def expect_all_right(self, digests):
        """After the start: nothing is left over, nothing false is served, and all can be pulled again."""
        self.subject.start()
        expect_equal("leftovers", [], self.subject.spooled())
        self.upstream.bytes_per_second = 0
        expect_nothing_false(self.subject, self.upstream, digests)
        for digest in digests:
            expect_equal("a blob pulled again", digest, self.subject.blob(digest).digest)
        self.subject.await_idle()
        expect_equal("leftovers", [], self.subject.spooled())
        self.subject.stored()

    def expect_enough(self, count):
        """The ends came, and where they can do harm: between pulls, and in the middle of fills."""
        expect_equal("ends", count, self.ends)
        expect(self.pulls >= 10 * count, f"only {self.pulls} pulls")
        expect(self.hits >= count, f"only {self.hits} blobs were stored before an end")
        expect(self.broken >= count // 3, f"only {self.broken} of {count} ends struck in a fill")


@check
def kill_at_any_moment_under_load_is_survived(run):
    trials = Trials(run, seed=1, proxy_ttl="1s", storage_unlinkgrace="0s")
    count = run.either(10, 200)
    for _ in range(count):
        digests, _ = trials.load(trials.subject.kill)
        trials.broken += bool(trials.subject.spooled())
        trials.subject.stored()
        trials.expect_all_right(digests)
    trials.subject.kill()
    trials.expect_all_right(trials.upstream.blobs)
    trials.expect_enough(count)
    run.note(f"{count} kills, {trials.broken} in a fill, {trials.pulls} pulls")


@check
def power_cut_at_any_moment_under_load_is_survived(run):
    disk = Disk(run)
    trials = Trials(run, seed=2, data=disk.folder / "data")
    count = run.either(3, 30)
    lost = 0

    def cut():
        trials.broken += bool(trials.subject.spooled())
        disk.cut_power()
        trials.subject.kill()

    for _ in range(count):
        _, hits = trials.load(cut)
        disk.restart()
        lost += len(hits - trials.subject.stored())
        trials.expect_all_right(trials.upstream.blobs)
    run.note(f"{count} cuts, {trials.broken} in a fill, {trials.pulls} pulls, {trials.hits} blobs stored, {lost} of them lost")
    expect_equal("stored blobs that a power cut took", 0, lost)
    trials.expect_enough(count)


class Disk:
    """An ext4 file system in a file, whose power can be cut."""

    def __init__(self, run, size=1 << 30):
        need_root("mounting a disk")
        for program in ("mkfs.ext4", "mount", "umount"):
            need_program(program)
        self._image = run.folder / "disk.img"
        self.folder = run.folder / "disk"
        self.folder.mkdir()
        with self._image.open("wb") as image:
            image.truncate(size)
        subprocess.run(["mkfs.ext4", "-q", self._image], check=True)
        self._mount()
        run.closing(self)

    def _mount(self):
        disks.mount(self.folder, "-o", "loop", self._image)

    def cut_power(self):
        """Loses all that has not been synced, at once."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(folder)

    def restart(self):
        """Mounts it again, which replays the journal."""
        disks.unmount(self.folder)
        self._mount()

    def close(self):
        disks.close(self.folder)
