"""F1, F3 and F22 for a fill by several connections, which has bytes in many places."""

import contextlib
import urllib.request

from full import SmallDisk
from harness.checks import check, expect, expect_equal
from harness.client import Broken
from harness.contents import MIB, Noise
from harness.registry import Registry
from harness.relay import Link, Relay
from harness.waiting import running, wait_until
from subject import Subject

SIZE = 192 * MIB
# Each connection gets so much, and is not enough by itself. The whole takes so long that checkpoints are written meanwhile.
LINK = Link(4 * MIB, 0.01)
# What the requests that are cut can have on their way.
ON_ITS_WAY = 24 * MIB


def push(registry, content):
    """Puts a blob into a registry."""
    digest = content.digest()
    begin = urllib.request.Request(f"{registry.url}/v2/team/app/blobs/uploads/", method="POST")
    location = urllib.request.urlopen(begin).headers["Location"]
    url = f"{location}{'&' if '?' in location else '?'}digest={digest}"
    body = b"".join(content.parts())
    urllib.request.urlopen(urllib.request.Request(url, data=body, method="PUT", headers={"Content-Type": "application/octet-stream"}))
    return digest


def listed(subject):
    """The bytes that the mark of the checkpoint lists, and how many stretches are ahead; both 0 where there is no mark."""
    marks = list((subject.data / "spool").glob("*.mark"))
    if not marks:
        return 0, 0
    _, prefix, _, *ahead = marks[0].read_text().split()
    bounds = [stretch.split(":")[0].split("-") for stretch in ahead]
    return int(prefix) + sum(int(end) - int(begin) for begin, end in bounds), len(ahead)


class Far:
    """A cache that fetches a blob by several connections from a real registry."""

    def __init__(self, run, size, **more):
        self.registry = run.closing(Registry(run.folder / "registry"))
        self.registry.start()
        self.digest = push(self.registry, Noise(7, size))
        self.relay = run.closing(Relay(self.registry.port, LINK).start())
        self.subject = Subject(run, self.relay, proxy_parallel="4", **more).start()
        self.answers = []

    def pull(self):
        with contextlib.suppress(Broken):
            self.answers.append(self.subject.blob(self.digest).digest)


@check
def kill_in_the_middle_of_parts_loses_only_what_no_checkpoint_knows(run):
    far = Far(run, SIZE)
    with running(far.pull):
        wait_until(60, "a checkpoint with stretches ahead", lambda: listed(far.subject)[1] > 0)
        far.subject.kill()
    expect_equal("whole answers before the kill", [], far.answers)
    known, stretches = listed(far.subject)
    expect(known >= 64 * MIB, f"the checkpoint knows {known} bytes only")

    far.subject.start()
    before = far.relay.received
    far.pull()
    expect_equal("what the client gets then", [far.digest], far.answers)
    again = far.relay.received - before
    expect(again <= SIZE - known + ON_ITS_WAY, f"{again} bytes were fetched, although {known} of {SIZE} were there")
    far.subject.await_idle()
    expect(far.subject.has_file(far.digest), "it is not kept")
    far.subject.stored()
    run.note(f"{known // MIB} of {SIZE // MIB} MiB were known, {stretches} stretches ahead; {again // MIB} MiB were fetched")


@check
def stop_in_the_middle_of_parts_loses_nothing(run):
    far = Far(run, SIZE, http_draintimeout="0s")
    with running(far.pull):
        wait_until(60, "several connections", lambda: far.subject.spooled_bytes() > 64 * MIB)
        far.subject.stop()
    expect_equal("whole answers before the stop", [], far.answers)
    known, stretches = listed(far.subject)
    expect(known >= far.relay.received - ON_ITS_WAY, f"{far.relay.received} bytes were fetched, and {known} are known")

    far.subject.start()
    before = far.relay.received
    far.pull()
    expect_equal("what the client gets then", [far.digest], far.answers)
    again = far.relay.received - before
    expect(again <= SIZE - known + ON_ITS_WAY, f"{again} bytes were fetched, although {known} of {SIZE} were there")
    run.note(f"{known // MIB} of {SIZE // MIB} MiB were known, {stretches} stretches ahead; {again // MIB} MiB were fetched")


@check
def disk_that_is_full_in_the_middle_of_parts_costs_no_client_a_byte(run):
    disk = SmallDisk(run, "size=160m")
    far = Far(run, 96 * MIB, data=disk.folder / "data")
    with running(far.pull, far.pull):
        wait_until(60, "several connections", lambda: far.subject.spooled_bytes() > 48 * MIB)
        disk.fill()
    expect_equal("what two clients got", [far.digest] * 2, far.answers)
    far.subject.await_idle()
    expect(not far.subject.has_file(far.digest), "it is kept on a full disk")
    expect_equal("leftovers", [], far.subject.spooled())
    disk.free()
    far.pull()
    expect_equal("what a later client got", far.digest, far.answers[2])
    far.subject.await_idle()
    expect(far.subject.has_file(far.digest), "it is not kept although there is room")


@check
def purge_and_room_in_the_middle_of_parts_cost_no_client_a_byte(run):
    far = Far(run, 96 * MIB, storage_quota=str(128 * MIB), storage_unlinkgrace="200ms")
    others = [push(far.registry, Noise(number, 4 * MIB)) for number in range(100, 112)]
    with running(far.pull, far.pull):
        wait_until(60, "several connections", lambda: far.subject.spooled_bytes() > 24 * MIB)
        expect_equal("a first other blob", others[0], far.subject.blob(others[0]).digest)
        refused = far.subject.get("/api/repositories/team/app", "DELETE")
        expect_equal("the status of a purge", 409, refused.status)
        expect("being fetched" in refused.json()["detail"], refused.json()["detail"])
        # Together with the large blob they do not fit.
        for digest in others[1:]:
            expect_equal("another blob", digest, far.subject.blob(digest).digest)
    expect_equal("what two clients got", [far.digest] * 2, far.answers)
    far.subject.await_idle()
    expect(far.subject.has_file(far.digest), "it is not kept")
    removed = far.subject.stats()["disk"]["imagesRemoved"]
    expect(removed > 0, "no room was made meanwhile")
    far.subject.stored()
    run.note(f"{removed} of {len(others)} others went meanwhile")
