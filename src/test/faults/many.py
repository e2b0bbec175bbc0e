"""F21: a hundred thousand small blobs; a fifth of them where a build has no time for more."""

import time

from harness.checks import check, expect, expect_equal
from harness.contents import MIB, digest_of
from harness.entrepot import plant
from harness.upstream import Upstream
from harness.waiting import wait_until
from subject import Subject

BLOBS = 100_000
FEWER = 20_000
MAX_START_SECONDS = 10
PULLS = 200


@check
def very_many_blobs_cost_neither_heap_nor_time(run):
    upstream = run.closing(Upstream())
    subject = Subject(run, upstream, heap="128m", tiered=True).start()
    started_empty = subject.started_in
    pull(subject, upstream, PULLS)  # the compiler's
    empty = pull(subject, upstream, PULLS)
    heap_empty = subject.heap_after_collection()
    held = len(subject.stored())
    subject.stop()

    blobs = run.either(FEWER, BLOBS)
    samples = plant_many(subject.data, blobs)
    subject.start()
    begun = time.monotonic()
    wait_until(300, "a lease for each", lambda: subject.counts() == (held + blobs, held + blobs))
    adopted = time.monotonic() - begun
    subject.stop()

    subject.start()
    expect_equal("blobs and leases after a restart", (held + blobs, held + blobs), subject.counts())
    upstream.blobs.update(samples)
    for digest, content in samples.items():
        expect_equal("a blob that lay there", content, subject.blob(digest).body)
        expect_equal("its downloads", 0, upstream.gets(digest))
    pull(subject, upstream, PULLS)
    full = pull(subject, upstream, PULLS)
    heap_full = settled_heap(subject, heap_empty + 32 * MIB)
    run.note(f"{blobs} blobs: started in {started_empty:.1f} s empty, {subject.started_in:.1f} s full; adopted in {adopted:.0f} s")
    run.note(f"heap {heap_empty // MIB} MiB empty, {heap_full // MIB} MiB full")
    run.note(f"a small blob pulled, stored and leased in {empty * 1000:.1f} ms empty, {full * 1000:.1f} ms full")
    expect(subject.started_in < MAX_START_SECONDS, f"it started in {subject.started_in:.1f} s")
    expect(heap_full < heap_empty + 32 * MIB, f"its heap grew from {heap_empty} to {heap_full}")
    expect(full < 3 * empty + 0.01, f"a pull takes {full:.4f} s where it took {empty:.4f}")
    expect("OutOfMemoryError" not in subject.log(), "it ran out of memory")


def settled_heap(subject, enough):
    """What is kept; the database tidies up its file now and then, and needs room for that."""
    heap = subject.heap_after_collection()
    for _ in range(10):
        if heap < enough:
            break
        time.sleep(1)
        heap = min(heap, subject.heap_after_collection())
    return heap


def plant_many(data, count):
    """Lays blobs into the store, and gives some of them."""
    samples = {}
    for i in range(count):
        content = f"blob {i}".encode() * 20
        digest = digest_of(content)
        plant(data, digest, content)
        if i % (count // 10) == 0:
            samples[digest] = content
    return samples


def pull(subject, upstream, count):
    """Pulls new small blobs one after the other; returns the seconds that each took until it was leased."""
    begun = time.monotonic()
    for _ in range(count):
        digest = upstream.new_blob(2000)
        expect_equal("a new blob", digest, subject.blob(digest).digest)
    subject.await_idle()
    return (time.monotonic() - begun) / count
