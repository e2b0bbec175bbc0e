"""F6: a process that may not open another file. It says so, and is well as soon as it may."""

import functools
import subprocess

from harness import procfs
from harness.checks import check, expect, expect_equal, need_program
from harness.client import Broken, Connection
from harness.upstream import Upstream
from harness.waiting import running
from subject import Subject

# Plenty for Linux, and what a JVM raises its own limit to where it may.
PLENTY = 20_000


def limit(subject, descriptors):
    subprocess.run(["prlimit", "--pid", str(subject.pid), f"--nofile={descriptors}:{PLENTY}"], check=True)


def kept_connection(subject):
    """One that is open already, so that no descriptor is needed for another."""
    connection = Connection(subject.url, timeout=30)
    connection.ask("/v2/")
    return connection


@check
def descriptors_that_run_out_are_missed_only_as_long(run):
    need_program("prlimit")
    upstream = run.closing(Upstream())
    subject = Subject(run, upstream).start(prefix=["prlimit", f"--nofile={PLENTY}:{PLENTY}"])
    image, (large,) = upstream.new_image("v1", 300_000)
    small = upstream.new_blob(1000)
    held = {f"/v2/team/app/blobs/{large}": large, f"/v2/team/app/blobs/{small}": small}
    held |= {"/v2/team/app/manifests/v1": image, f"/v2/team/app/manifests/{image}": image}
    for path in held:
        subject.get(path)
    subject.await_idle()
    cold = {f"/v2/team/app/blobs/{digest}": digest for digest in (upstream.new_blob(1000), upstream.new_blob(300_000))}
    wanted = held | cold
    paths = [*wanted, "/v2/", "/v2/team/app/tags/list", "/v2/_catalog"]
    clients = [kept_connection(subject) for _ in paths]

    limit(subject, len(procfs.descriptors(subject.pid)) - len(clients))
    refused = 0
    for path, client in zip(paths, clients):
        try:
            answer = client.ask(path)
        except Broken:
            continue  # the connection was cut
        refused += answer.status == 503
        expect(answer.status != 500, f"{path}: 500 {answer.body}")
        expect(answer.status != 503 or answer.headers.get("Retry-After"), f"{path}: 503 without Retry-After")
        expect(answer.status != 200 or path not in wanted or answer.digest == wanted[path], f"{path} is served wrong")
    expect(refused > 0, "nothing was refused, so there were descriptors left")

    limit(subject, PLENTY)
    for path, digest in wanted.items():
        expect_equal(path, digest, subject.get(path).digest)
    expect_equal("the status of a list", 200, subject.get("/v2/_catalog").status)
    kept = upstream.new_blob(1000)
    subject.blob(kept)
    subject.await_idle()
    expect(subject.has_file(kept), "nothing is kept any more")
    expect_equal("health", {}, subject.health())
    run.note(f"{refused} of {len(paths)} requests refused")


@check
def clients_beyond_the_descriptors_wait_for_their_turn(run):
    need_program("prlimit")
    descriptors, clients = 400, 600
    upstream = run.closing(Upstream())
    subject = Subject(run, upstream).start(prefix=["prlimit", f"--nofile={descriptors}:{descriptors}"])
    digests = [upstream.new_blob(size) for size in (1_000_000, 30_000)]
    outcomes = []

    def pull(digest):
        try:
            answer = subject.blob(digest)
            outcomes.append("right" if answer.digest == digest else answer.status)
        except Broken as e:
            outcomes.append(str(e))

    with running(*(functools.partial(pull, digests[i % 2]) for i in range(clients))):
        pass
    expect_equal("what else clients got", set(), set(outcomes) - {"right"})
    run.note(f"{clients} clients, {descriptors} descriptors")
