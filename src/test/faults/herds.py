"""F15: a thousand clients that ask at once for a blob that is not here."""

from checks import check, expect, expect_equal
from herd import Client, Herd, allow_descriptors
from subject import Subject
from upstream import Upstream

MIB = 1 << 20
CLIENTS = 1000
# The server's 200, ours for fills, questions and pumps, and the JVM's own.
MAX_THREADS = 300


@check
def thousand_clients_on_one_cold_blob_cost_one_get(run):
    allow_descriptors(4 * CLIENTS)
    upstream = run.closing(Upstream())
    subject = Subject(run, upstream, heap="128m", tiered=True).start()
    digest = upstream.new_blob(run.either(10, 100) * MIB)
    content = upstream.blobs[digest]
    path = f"/v2/team/app/blobs/{digest}"
    threads = []
    clients = [Client(subject.port, path, content) for _ in range(CLIENTS)]
    herd = Herd(clients, sample=lambda: threads.append(subject.thread_count()))
    seconds = herd.pull(900)
    expect_equal("what clients got", {"right": CLIENTS}, herd.outcomes())
    expect_equal("upstream GETs", 1, upstream.gets(digest))
    expect("OutOfMemoryError" not in subject.log(), "it ran out of memory")
    expect(max(threads) < MAX_THREADS, f"{max(threads)} threads for {CLIENTS} clients")
    subject.await_idle()
    expect(subject.has_file(digest), "it is not kept")
    heap = subject.heap_after_collection()
    expect(heap < 64 * MIB, f"{heap // MIB} MiB of heap are left in use")
    gigabytes = CLIENTS * len(content) / 1e9
    run.note(f"{CLIENTS} clients, {len(content) // MIB} MiB each, {seconds:.1f} s, {gigabytes / seconds:.2f} GB/s")
    run.note(f"{max(threads)} threads, {subject.peak_mib()} MiB resident at most, {heap // MIB} MiB of heap after")
