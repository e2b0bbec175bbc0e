"""F1, F4 and F22: a fill so large that it notes how far it is, killed and refused at each system call of that."""

import collections
import contextlib
import hashlib
import threading
import time

from commit import SETTINGS, Cycle, kill_at
from failing import ERRORS, fail_at
from harness.checks import check, expect, expect_equal
from harness.client import TROUBLE, Connection
from harness.contents import MIB
from harness.upstream import Upstream
from harness.waiting import wait_until
from subject import Subject
from tracing import need_strace

# One checkpoint at 64 MiB, and a rest that is worth to be fetched alone.
SIZE = 68 * MIB
CHECKPOINT = 64 * MIB
# The threads that note how far a fill is, and that fill.
SYNC = "entrepot-sync"
FILL = "entrepot-fill"
# Beyond the checkpoint, but before the end.
BEHIND = 66 * MIB
# Those of a checkpoint, and those of a commit after it.
CALLS = ((SYNC, "fdatasync"), (SYNC, "write"), (SYNC, "rename"), (FILL, "fsync"), (FILL, "rename"), (FILL, "unlink"))


def large_cycle(run):
    need_strace()
    cycle = Cycle(run, size=SIZE, **SETTINGS)
    cycle.subject.start()
    return cycle


def note_something(cycle):
    """Makes the threads of a checkpoint exist, so that they can be traced before they work."""
    cycle.upstream.forget(cycle.fill_something(SIZE))


@check
def kill_at_each_system_call_of_a_checkpoint_is_survived(run):
    cycle = large_cycle(run)
    kills = collections.Counter()
    resumed = 0
    for thread, call in CALLS:
        nth = 1
        note_something(cycle)
        while kill_at(cycle, thread, Cycle.fill, call, nth):
            kills[thread, call] += 1
            resumed += expect_goes_on(cycle)
            nth += 1
            note_something(cycle)
    run.note(f"{kills.total()} kills, {resumed} fills went on at their checkpoint")
    expect_equal("calls that were never struck", set(), set(CALLS) - set(kills))
    expect(kills.total() >= 8, f"only {kills}: the cycle does less than it must")
    expect(resumed >= 2, f"only {resumed} fills went on: the checkpoint was not there")


def expect_goes_on(cycle):
    """Returns whether the fill went on where its checkpoint was, which it does where there is one."""
    names = cycle.subject.spooled()
    unfinished = any(name.removesuffix(".mark") in names for name in names if name.endswith(".mark"))
    cycle.upstream.resumed.clear()
    cycle.expect_survived()
    starts = [first for digest, first in cycle.upstream.resumed if digest == cycle.blob]
    expect_equal("fills that went on", int(unfinished), len(starts))
    expect(all(CHECKPOINT <= first < SIZE for first in starts), f"it went on at {starts}")
    return unfinished


class Look:
    """A step that fills, and looks at what there is of the fill when it is past its checkpoint."""

    def __init__(self):
        self.names = []

    def __call__(self, cycle, is_over=None):
        answers = []
        cycle.upstream.flows_to = BEHIND
        cycle.upstream.flows.clear()
        client = threading.Thread(target=lambda: answers.append(cycle.fill()))
        client.start()
        try:
            wait_until(60, "what is behind the checkpoint", lambda: not client.is_alive() or self._is_past(cycle.subject))
            self._await_mark(cycle.subject)
        finally:
            cycle.upstream.flows.set()
            client.join()
        return answers[0]

    @staticmethod
    def _is_past(subject):
        """What comes after a sync that failed is not spooled."""
        return subject.spooled_bytes() >= BEHIND or "storage" in subject.health()

    def _await_mark(self, subject):
        """It is written beside the fill. Where it fails, it does not come however long it is awaited."""
        deadline = time.monotonic() + 2
        self.names = subject.spooled()
        while not self.marks() and time.monotonic() < deadline:
            time.sleep(0.02)
            self.names = subject.spooled()

    def marks(self):
        """Where a fill would go on. What a mark is written to before it has its name is none."""
        return [name for name in self.names if name.endswith(".mark")]


@check
def error_of_each_system_call_of_a_checkpoint_is_survived(run):
    cycle = large_cycle(run)
    look = Look()
    failures = collections.Counter()
    for call in ("fdatasync", "write", "rename"):
        for error in run.either(("EIO",), ERRORS):
            nth = 1
            note_something(cycle)
            while fail_at(cycle, SYNC, look, call, error, nth, tells=call == "fdatasync"):
                failures[call] += 1
                expect(not look.marks(), f"{error} of {call}: the fill would go on at {look.marks()}")
                nth += 1
                note_something(cycle)
            expect_equal("checkpoints of a fill that nothing has struck", 1, len(look.marks()))
    run.note(f"{failures.total()} failures")
    expect_equal("calls that were never struck", {"fdatasync", "write", "rename"}, set(failures))
    expect(failures.total() >= run.either(3, 6), f"only {failures}: the cycle does less than it must")


class Download:
    """A client that goes on by Range where it was cut off, and hashes what it gets."""

    def __init__(self, subject, digest):
        self.received = 0
        self._subject = subject
        self._digest = digest
        self._hash = hashlib.sha256()

    @property
    def digest(self):
        return "sha256:" + self._hash.hexdigest()

    def go_on(self):
        """Reads as far as it comes; what has been fetched is hashed anew before more is."""
        headers = {"Range": f"bytes={self.received}-"} if self.received else {}
        # Where it is cut off, the next try goes on.
        with contextlib.closing(Connection(self._subject.url, timeout=300)) as connection, contextlib.suppress(*TROUBLE):
            response = connection.send(f"/v2/team/app/blobs/{self._digest}", **headers)
            expect_equal("the status", 206 if self.received else 200, response.status)
            while part := response.read(MIB):
                self._hash.update(part)
                self.received += len(part)


@check
def fill_of_a_gibibyte_goes_on_after_a_kill_at_half(run):
    size = run.either(1, 10) << 30
    upstream = run.closing(Upstream())
    subject = Subject(run, upstream, tiered=True).start()
    digest = upstream.new_large_blob(size)
    download = Download(subject, digest)
    client = threading.Thread(target=download.go_on)
    client.start()
    wait_until(120, "half of the blob", lambda: subject.spooled_bytes() > size // 2)
    subject.kill()
    client.join()
    expect(0 < download.received < size, f"{download.received} bytes came before the kill")
    received = download.received
    subject.start()
    upstream.resumed.clear()
    download.go_on()
    expect_equal("what the client has in the end", (size, digest), (download.received, download.digest))
    subject.await_idle()
    expect(subject.has_file(digest), "it is not kept")
    subject.stored()
    # While the fill hashes what it has, the client's range may be fetched apart.
    starts = [first for _, first in upstream.resumed]
    expect_equal("GETs that did not begin afresh", upstream.gets(digest) - 1, len(starts))
    expect(min(starts) >= size // 2 - CHECKPOINT, f"the fill went on at {min(starts)}")
    run.note(f"{size // MIB} MiB, cut at {received // MIB}, fetched again from {min(starts) // MIB} on")
