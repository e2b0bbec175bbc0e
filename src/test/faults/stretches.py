"""F1 and F22 for a fill by several connections: killed in the middle of three parts, it goes on with all that a checkpoint knows."""

import contextlib
import urllib.request

from harness.checks import check, expect, expect_equal
from harness.client import Broken
from harness.contents import MIB, Noise
from harness.registry import Registry
from harness.relay import Link, Relay
from harness.waiting import running, wait_until
from subject import Subject

SIZE = 192 * MIB
# Each connection gets so much, and is not enough by itself.
LINK = Link(16 * MIB, 0.01)
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


@check
def kill_in_the_middle_of_parts_loses_only_what_no_checkpoint_knows(run):
    registry = run.closing(Registry(run.folder / "registry"))
    registry.start()
    digest = push(registry, Noise(7, SIZE))
    relay = run.closing(Relay(registry.port, LINK).start())
    subject = Subject(run, relay, proxy_parallel="4").start()
    answers = []

    def pull():
        with contextlib.suppress(Broken):
            answers.append(subject.blob(digest))

    with running(pull):
        wait_until(60, "a checkpoint with stretches ahead", lambda: listed(subject)[1] > 0)
        subject.kill()
    expect_equal("whole answers before the kill", [], answers)
    known, stretches = listed(subject)
    expect(known >= 64 * MIB, f"the checkpoint knows {known} bytes only")

    subject.start()
    before = relay.received
    expect_equal("what the client gets then", digest, subject.blob(digest).digest)
    again = relay.received - before
    expect(again <= SIZE - known + ON_ITS_WAY, f"{again} bytes were fetched, although {known} of {SIZE} were there")
    subject.await_idle()
    expect(subject.has_file(digest), "it is not kept")
    subject.stored()
    run.note(f"{known // MIB} of {SIZE // MIB} MiB were known, {stretches} stretches ahead; {again // MIB} MiB were fetched")
