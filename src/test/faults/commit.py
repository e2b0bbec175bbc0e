"""F1: a fill, a commit and an eviction that are killed at each of their system calls."""

import collections
import time

from harness.checks import check, expect, expect_equal
from harness.client import Broken
from harness.upstream import Upstream
from harness.waiting import wait_until
from subject import Subject
from tracing import CALLS, Injection, need_strace

# Few threads, so that it is known who will do the work; leases that run out within seconds.
SETTINGS = {"proxy_maxfills": "1", "proxy_maxconnections": "9", "proxy_ttl": "1500ms", "storage_unlinkgrace": "0s"}
ASK_THREADS = 8
FILL_THREADS = 2  # one more than fills, for one that gives way
EXPIRY_THREADS = 3


class Cycle:
    """A blob and a manifest that come, are committed, and go: again and again, always new ones."""

    def __init__(self, run, size=300_000, **settings):
        self.upstream = run.closing(Upstream())
        self.subject = Subject(run, self.upstream, **settings)
        self.blob = ""
        self._size = size
        self.renew()

    def renew(self):
        self.upstream.forget(self.blob)
        self.manifest, (self.blob,) = self.upstream.new_image("v1", self._size)

    # What makes the threads of a step exist, so that they can be traced before they work.

    def fill_something(self, size=10):
        digest = self.upstream.new_blob(size)
        self.subject.blob(digest)
        self.subject.await_idle()  # or the fault would strike what is still to be done of this one
        return digest

    def fill_often(self):
        for _ in range(FILL_THREADS):
            self.fill_something()

    def ask_often(self):
        for i in range(ASK_THREADS):
            self.subject.manifest(f"absent-{i}")

    def expire_something(self):
        self.fill_something()
        wait_until(30, "the first expiry", lambda: len(self.subject.threads("entrepot-expiry")) == EXPIRY_THREADS)

    # The steps. Each fails with Broken where the process ends.

    def fill(self, is_over=None):
        answer = self.subject.blob(self.blob)
        self.subject.await_idle()
        return answer

    def fetch_manifest(self, is_over=None):
        return self.subject.manifest("v1")

    def fill_and_expire(self, is_over=lambda: False):
        """Waits until the blob is gone, or it is over. A lease that was interrupted is retried in ten minutes."""
        answer = self.fill()
        wait_until(30, "the eviction", lambda: is_over() or (self.subject.stats() and not self.subject.has_file(self.blob)))
        evictions = -1
        while evictions < (now := self.evictions()):
            evictions = now
            time.sleep(0.3)
        return answer

    def evictions(self):
        """After a failed write the database is opened anew, and there are no statistics for a moment."""
        wait_until(30, "the statistics", lambda: "evictions" in (self.subject.stats() or {}))
        return self.subject.stats()["evictions"]

    def expect_survived(self):
        """What must hold after any kill, before and after the start."""
        kept = self.subject.stored()
        self.subject.start()
        expect_equal("leftovers", [], without_unfinished(self.subject.spooled()))
        expect_nothing_false(self.subject, self.upstream, {self.blob, self.manifest} | kept)
        expect_equal("the blob pulled again", self.blob, self.subject.blob(self.blob).digest)
        expect_equal("the manifest pulled again", self.manifest, self.subject.manifest("v1").digest)
        self.subject.await_idle()
        expect_equal("leftovers after the pull", [], self.subject.spooled())
        self.subject.stored()

    def expect_all_leased(self):
        """Nothing has been lost sight of: what has no lease would stay for ever, and so would its row."""
        self.subject.kill()
        self.subject.set("proxy.ttl", "1h")
        self.subject.start()
        wait_until(30, "a lease for each file", self.all_leased)

    def expect_all_expire(self):
        self.subject.kill()
        self.subject.set("proxy.ttl", "1s")
        self.subject.start()
        wait_until(60, "the eviction of all", lambda: self.subject.counts() == (0, 0) and not self.subject.stored())

    def all_leased(self):
        known, leased = self.subject.counts()
        return leased == known >= len(self.subject.stored())


def without_unfinished(names):
    """What is neither a fill that can go on nor its checkpoint."""
    unfinished = {name for name in names if name.endswith(".part") and f"{name}.mark" in names}
    return [name for name in names if name.removesuffix(".mark") not in unfinished]


def expect_nothing_false(subject, upstream, digests):
    """Without its upstream, a cache serves what is there to the byte, and promises nothing that is not."""
    upstream.refuses = True
    try:
        for digest in digests:
            ask = subject.manifest if digest in upstream.manifests else subject.blob
            for _ in range(2):  # it may be evicted between two questions, but not twice
                promised = ask(digest, "HEAD").status == 200
                answer = ask(digest)
                if answer.status == 200 or not promised:
                    break
            expect(not promised or answer.status == 200, f"{digest} is promised, but {answer.status}")
            expect(answer.status != 200 or answer.digest == digest, f"{digest} is served wrong")
    finally:
        upstream.refuses = False
    await_upstream(subject, upstream)


def await_upstream(subject, upstream):
    """A cache leaves an upstream in peace that has failed often, until one request finds it well."""
    probe = upstream.new_blob(32)  # so long that it is no blob of the check too
    wait_until(10, "the end of the upstream's rest", lambda: subject.blob(probe, "HEAD").status == 200)
    upstream.forget(probe)


# Whose calls are killed, what makes these threads exist, and what makes them work.
STEPS = (
    ("entrepot-fill", Cycle.fill_often, Cycle.fill),
    ("entrepot-ask", Cycle.ask_often, Cycle.fetch_manifest),
    ("entrepot-expiry", Cycle.expire_something, Cycle.fill_and_expire),
    ("H2-save", Cycle.expire_something, Cycle.fill_and_expire),
)


# What each of them certainly does. A run that strikes none of these proves nothing of it.
CERTAIN = {
    ("entrepot-fill", "pwrite64"),
    ("entrepot-fill", "fsync"),
    ("entrepot-fill", "rename"),
    ("entrepot-ask", "pwrite64"),
    ("entrepot-ask", "fsync"),
    ("entrepot-ask", "rename"),
    ("entrepot-expiry", "unlink"),
    ("H2-save", "pwrite64"),
}


def expect_all_struck(struck):
    expect_equal("calls that were never struck", set(), CERTAIN - set(struck))


@check
def kill_at_each_system_call_of_a_cycle_is_survived(run):
    need_strace()
    cycle = Cycle(run, **SETTINGS)
    cycle.subject.start()
    kills = collections.Counter()
    for thread, prepare, step in STEPS:
        for call in CALLS:
            nth = 1
            prepare(cycle)
            while kill_at(cycle, thread, step, call, nth):
                kills[thread, call] += 1
                cycle.expect_survived()
                # Most writes are those of the database, which are much alike.
                nth += run.either(3, 1) if call == "pwrite64" else 1
                prepare(cycle)
    run.note(f"{kills.total()} kills")
    expect_all_struck(kills)
    # How many writes the database makes of the same rows depends on the moment: 17 to 18 were seen in the short form.
    expect(kills.total() >= run.either(15, 26), f"only {kills}: the cycle does less than it must")
    cycle.expect_all_leased()
    cycle.expect_all_expire()


def kill_at(cycle, thread, step, call, nth):
    """Returns false when the cycle went through without so many calls."""
    cycle.renew()
    with Injection(cycle.subject, thread, call, "signal=KILL", nth):
        try:
            answer = step(cycle)
        except Broken:
            wait_until(10, "its end", cycle.subject.has_ended)
            return True
    expect_equal(f"the status of a step that survived {call} {nth}", 200, answer.status)
    expect(answer.digest in (cycle.blob, cycle.manifest), f"{call} {nth}: a wrong answer")
    return False
