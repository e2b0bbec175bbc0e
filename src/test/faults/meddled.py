"""F24 to F31: a storage folder, a database and unpacked files that somebody meddles with while they are in use, and stops in the middle of a fill."""

import os
import shutil
import threading

from crashes import Disk
from harness.checks import Skipped, check, expect, expect_equal, need_program, need_root
from harness.client import Broken
from harness.contents import MIB
from harness.entrepot import blob_file
from harness.upstream import Upstream
from harness.waiting import wait_until
from subject import Subject

# Root may open what no mode allows. Without these it may not.
WITHOUT_PRIVILEGES = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]
# More rows than a database has just read at its start.
MANY = 300
LARGE = 40 * MIB
# A stop loses less than this of a fill.
LOST = 64 << 10


class Bench:
    """A cache that has stored a few blobs."""

    def __init__(self, run, count=4, prefix=(), **settings):
        self.upstream = run.closing(Upstream())
        self.subject = Subject(run, self.upstream, storage_scrubrate="0", **settings).start(prefix)
        self.digests = [self.upstream.new_blob(20_000 + number) for number in range(count)]
        self.pull_all()
        self.subject.await_idle()

    @property
    def data(self):
        return self.subject.data

    def pull_all(self):
        for digest in self.digests:
            expect_equal("a blob", digest, self.subject.blob(digest).digest)

    def gets(self):
        return sum(self.upstream.gets(digest) for digest in self.digests)

    def expect_stores(self):
        """A new blob is stored, and all is well."""
        digest = self.upstream.new_blob(300_000)
        expect_equal("a new blob", digest, self.subject.blob(digest).digest)
        self.subject.await_idle()
        expect(self.subject.has_file(digest), "a new blob is not stored")
        self.await_health()
        self.subject.stored()

    def await_health(self):
        wait_until(40, "health", lambda: not self.subject.health())

    def lines(self, text):
        return [line for line in self.subject.log().splitlines() if text in line]


@check
def files_that_cannot_be_opened_are_passed_by(run):
    need_program("setpriv")
    prefix = WITHOUT_PRIVILEGES if os.geteuid() == 0 else ()
    bench = Bench(run, prefix=prefix, storage_verifyafter="0s")
    file, folder = (blob_file(bench.data, digest) for digest in bench.digests[:2])
    file.chmod(0)
    folder.parent.chmod(0)
    for _ in range(3):
        bench.pull_all()
        bench.subject.await_idle()
    folder.parent.chmod(0o700)
    expect_equal("GETs of the file, which is replaced", 2, bench.upstream.gets(bench.digests[0]))
    expect_equal("GETs of what is in the folder, where nothing can be replaced", 4, bench.upstream.gets(bench.digests[1]))
    expect_equal("lines in the log", 1, len(bench.lines("A stored blob cannot be read")))
    bench.pull_all()
    expect_equal("GETs after the folder can be opened", 4, bench.upstream.gets(bench.digests[1]))
    bench.expect_stores()


@check
def database_that_is_cut_short_in_use_is_made_anew(run):
    bench = Bench(run, count=MANY)
    bench.subject.stop()
    bench.subject.start()
    os.truncate(bench.data / "index/entrepot.mv.db", 8192)
    refused = 0
    for digest in bench.digests:
        answer = bench.subject.blob(digest)
        refused += answer.status == 503
        expect(answer.status == 503 or answer.digest == digest, f"a blob is {answer.status}")
    bench.await_health()
    expect(bench.lines("The database was made anew"), "the damage was not found")
    wait_until(30, "all in the catalog", lambda: bench.subject.counts() == (MANY, MANY))
    bench.pull_all()
    expect_equal("GETs of the upstream", MANY, bench.gets())
    bench.expect_stores()
    run.note(f"{refused} of {MANY} pulls refused")


@check
def folders_that_are_removed_are_taken_up_again(run):
    bench = Bench(run)
    for name in ("spool", "blobs", "index", ""):
        shutil.rmtree(bench.data / name)
        bench.pull_all()
        bench.subject.await_idle()
        bench.await_health()  # who asks for it makes the cache look
        wait_until(10, "the database", (bench.data / "index/entrepot.mv.db").exists)
        bench.expect_stores()
    second = Subject(run, bench.upstream, data=bench.data, name="second")
    second.launch()
    wait_until(60, "the end of the second", second.has_ended)
    expect("another Entrepot is using the folder" in second.log(), f"the second says {second.last_words()}")


@check
def disk_that_becomes_read_only_serves_what_it_has(run):
    need_root("a read-only disk")
    disk = Disk(run, size=256 * MIB)
    bench = Bench(run)
    bench.subject.stop()
    shutil.copytree(bench.data, disk.folder / "data")
    subject = Subject(run, bench.upstream, data=disk.folder / "data", name="on-disk", storage_scrubrate="0").start()
    subject.await_idle()
    if os.system(f"mount -o remount,abort {disk.folder} 2>/dev/null"):
        raise Skipped("no disk can be made read-only here")
    image, (cold,) = bench.upstream.new_image("v1", 300_000)
    for _ in range(3):
        for digest in [*bench.digests, cold]:
            expect_equal("a blob", digest, subject.get(f"/v2/team/app/blobs/{digest}", timeout=4).digest)
        expect_equal("a tag", image, subject.get("/v2/team/app/manifests/v1", timeout=4).digest)
    expect_equal("GETs of what is stored", len(bench.digests), bench.gets())
    expect("Read-only" in str(subject.health()), f"health says {subject.health()}")
    subject.kill()


@check
def cleaner_of_temporary_folders_is_survived(run):
    bench = Bench(run)
    for path in (run.folder / bench.subject.name / "tmp").iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    bench.pull_all()
    for path in ("/ui/", "/api/stats", "/api/repositories", "/api/explain?ref=team/app:v1", "/metrics", "/v2/_catalog", "/v2/team/app/tags/list"):
        status = bench.subject.get(path).status
        expect(status < 500, f"{path} is {status}")
    expect_equal("an error", 405, bench.subject.get("/v2/", "POST").status)
    bench.expect_stores()


@check
def eviction_beside_the_scrub_is_no_damage(run):
    bench = Bench(run, count=MANY, storage_unlinkgrace="0s")
    bench.subject.stop()
    bench.subject.set("storage.scrubrate", "1MiB")
    bench.subject.set("storage.verifyafter", "1s")
    bench.subject.set("proxy.ttl", "1s")
    bench.subject.start()
    wait_until(60, "the end of all blobs", lambda: bench.subject.counts()[0] == 0)
    expect_equal("what is called damaged", [], bench.lines("rotted") + bench.lines("damaged"))
    run.note(f"{bench.subject.stats()['scrub']['blobs']} of {MANY} blobs checked before they went")


@check
def stop_in_the_middle_of_a_fill_loses_nothing(run):
    bench = Bench(run, http_draintimeout="1s")
    subject, upstream = bench.subject, bench.upstream
    received = upstream.new_blob(LARGE)
    expect_equal("a blob that a client has", received, subject.blob(received).digest)
    half = upstream.new_blob(LARGE)
    upstream.flows_to = LARGE // 2
    upstream.flows.clear()
    client = threading.Thread(target=lambda: pull_broken(subject, half))
    client.start()
    wait_until(60, "half of a blob", lambda: subject.spooled_bytes() >= LARGE // 2)
    subject.stop()
    upstream.flows.set()
    client.join()
    expect(subject.has_file(received), "what a client has received is not stored")
    subject.start()
    upstream.resumed.clear()
    expect_equal("the blob", half, subject.blob(half).digest)
    starts = [first for digest, first in upstream.resumed if digest == half]
    expect(starts and min(starts) > LARGE // 2 - LOST, f"it goes on at {starts}")
    bench.expect_stores()


def pull_broken(subject, digest):
    try:
        subject.blob(digest)
    except Broken:
        pass  # the stop has cut it off
