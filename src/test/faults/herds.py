"""F15 and F17: a thousand clients that ask at once for a blob that is not here, and slow ones among fast ones."""

import statistics
import threading
import time

from harness.checks import check, expect, expect_equal
from harness.contents import MIB
from harness.herd import Client, Herd, allow_descriptors
from harness.socketget import new_buffer
from harness.upstream import Upstream
from harness.waiting import wait_until
from subject import Subject

CLIENTS = 1000
FAST = 8
SLOW = 200
# A second, until the sockets of slow clients are full.
BEGINNING = 16 * MIB
# The server's 200, ours for fills, questions and pumps, and the JVM's own.
MAX_THREADS = 300
# What tomcat-conf comes with: large pieces for all of these. With less heap, slow clients take them from fast ones.
HEAP = "512m"
# One pull alone takes up to a third more than the next. Where a few leave it open, more decide.
ROUNDS = 8


@check
def thousand_clients_on_one_cold_blob_cost_one_get(run):
    allow_descriptors(4 * CLIENTS)
    upstream = run.closing(Upstream())
    subject = Subject(run, upstream, heap="128m", tiered=True).start()
    digest = upstream.new_blob(run.either(10, 100) * MIB)
    content = upstream.blobs[digest]
    url = f"{subject.url}/v2/team/app/blobs/{digest}"
    threads = []
    clients = [Client(url, content) for _ in range(CLIENTS)]
    herd = Herd(clients, sample=lambda: threads.append(subject.thread_count()))
    seconds = herd.pull(900)
    expect_equal("what clients got", {"right": CLIENTS}, herd.outcomes())
    expect_equal("upstream GETs", 1, upstream.gets(digest))
    expect("OutOfMemoryError" not in subject.log(), "it ran out of memory")
    expect(max(threads) < MAX_THREADS, f"{max(threads)} threads for {CLIENTS} clients")
    subject.await_idle()
    expect(subject.has_file(digest), "it is not kept")
    heap = subject.heap_below(64 * MIB)
    expect(heap < 64 * MIB, f"{heap // MIB} MiB of heap are left in use")
    gigabytes = CLIENTS * len(content) / 1e9
    run.note(f"{CLIENTS} clients, {len(content) // MIB} MiB each, {seconds:.1f} s, {gigabytes / seconds:.2f} GB/s")
    run.note(f"{max(threads)} threads, {subject.peak_mib():.0f} MiB resident at most, {heap // MIB} MiB of heap after")


class SlowReaders:
    """Clients with hardly a buffer that take a kibibyte a second each."""

    BUFFER = 4 << 10
    RATE = 1 << 10

    def __init__(self, url, content, count):
        self._clients = [Client(url, content, self.BUFFER) for _ in range(count)]
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read)

    def __enter__(self):
        for client in self._clients:
            client.ask()
        self._reader.start()
        return self

    def _read(self):
        piece = new_buffer(self.RATE)
        while not self._over.wait(1):
            for client in self._clients:
                if client.outcome is None:
                    client.read(piece)

    def __exit__(self, *failure):
        self._over.set()
        self._reader.join()
        for client in self._clients:
            client.close()

    def wrong(self):
        """What went wrong for those that did."""
        return {client.outcome for client in self._clients} - {None}

    def received(self):
        return [client.received for client in self._clients]


@check
def slow_readers_take_nothing_from_fast_ones(run):
    allow_descriptors(4 * CLIENTS)
    upstream = run.closing(Upstream())
    subject = Subject(run, upstream, heap=HEAP, tiered=True).start()
    size = run.either(100, 400) * MIB
    alone, beside = [], []
    pull(subject, upstream, size, 1)  # the compiler's
    while len(alone) < ROUNDS or not keeps_speed(alone, beside) and len(alone) < 3 * ROUNDS:
        alone.append(pull(subject, upstream, size, 1))
        beside.append(pull(subject, upstream, size, SLOW))
    undisturbed, disturbed = statistics.median(alone), statistics.median(beside)
    run.note(f"{FAST} clients of a fill, {size // MIB} MiB each: {undisturbed:.2f} s alone")
    run.note(f"{disturbed:.2f} s beside {SLOW} slow ones, {subject.peak_mib():.0f} MiB resident at most")
    expect("OutOfMemoryError" not in subject.log(), "it ran out of memory")
    expect(keeps_speed(alone, beside), f"the fast ones took {sorted(beside)} s, but {sorted(alone)} s alone")


def keeps_speed(alone, beside):
    return statistics.median(alone) / statistics.median(beside) >= 0.9


def pull(subject, upstream, size, slow):
    """Has the fast clients pull a blob that slow ones have begun to read; returns the seconds until the last has it."""
    digest = upstream.new_blob(size)
    content = upstream.blobs[digest]
    url = f"{subject.url}/v2/team/app/blobs/{digest}"
    fast = Herd([Client(url, content) for _ in range(FAST)])
    upstream.bytes_per_second = BEGINNING
    with SlowReaders(url, content, slow) as readers:
        # What their sockets take at once is the price of their coming, not of their being slow.
        wait_until(30, "bytes for slow clients", lambda: all(readers.received()))
        time.sleep(1)
        upstream.bytes_per_second = 0
        seconds = fast.pull(300)
        expect_equal("what fast clients got", {"right": FAST}, fast.outcomes())
        expect_equal("what slow clients got", set(), readers.wrong())
    subject.await_idle()
    expect_equal("upstream GETs", 1, upstream.gets(digest))
    upstream.forget(digest)
    return seconds
