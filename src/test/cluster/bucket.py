"""One node with a bucket: what a lost folder costs, and what a bucket that is away does."""

import subprocess
import time

from harness.checks import check, expect, expect_equal, need_program
from harness.upstream import Upstream
from harness.waiting import wait_until
from services import BUCKET, Node, Postgres, S3Service

LAYERS = (300, 700_000, 80 << 20)


def services(run):
    postgres = run.closing(Postgres(run.folder / "postgres"))
    postgres.start()
    service = run.closing(S3Service(run.folder / "s3"))
    service.start()
    return run.closing(Upstream()), postgres, service


def pull(run, node, name):
    """Pulls by a real client, which verifies every digest."""
    target = run.folder / name
    subprocess.run(
        ["skopeo", "copy", "-q", "--src-tls-verify=false", f"docker://127.0.0.1:{node.port}/team/app:v1", f"dir:{target}"],
        check=True,
        capture_output=True,
    )
    return sum(file.stat().st_size for file in target.iterdir())


def is_stored(service, digests):
    keys = service.objects()
    return all(any(digest.removeprefix("sha256:") in key for key in keys) for digest in digests)


def content_requests(upstream):
    return [request for request in upstream.requests if request[1] != "/v2/"]


@check
def lost_folder_is_filled_from_the_bucket_without_the_upstream(run):
    need_program("skopeo")
    upstream, postgres, service = services(run)
    manifest, blobs = upstream.new_image("v1", *LAYERS)
    node = Node(run, upstream, postgres, service)
    node.start()
    pulled = pull(run, node, "first")
    wait_until(60, "the put of all", lambda: is_stored(service, {manifest, *blobs}))
    node.stop()
    node.wipe()
    upstream.requests.clear()
    node.start()
    expect_equal("the bytes of the second pull", pulled, pull(run, node, "second"))
    expect_equal("requests to the upstream", [], content_requests(upstream))
    before = len(service.log().splitlines())
    expect_equal("the bytes of the third pull", pulled, pull(run, node, "third"))
    expect_equal("requests to the upstream", [], content_requests(upstream))
    run.note(f"{pulled >> 20} MiB, {len(service.log().splitlines()) - before} requests to the bucket for a near pull")


@check
def bucket_that_is_away_leaves_blobs_near_and_gets_them_later(run):
    upstream, postgres, service = services(run)
    node = Node(run, upstream, postgres, service)
    node.start()
    service.kill()
    digest = upstream.new_blob(500_000)
    expect_equal("the blob", digest, node.get(f"/v2/team/app/blobs/{digest}").digest)
    wait_until(60, "the word of health", lambda: any("bucket" in why for why in node.health().values()))
    away_until = time.monotonic() + run.either(1, 60)
    while time.monotonic() < away_until:
        expect_equal("the blob again", digest, node.get(f"/v2/team/app/blobs/{digest}").digest)
        time.sleep(0.1)
    expect_equal("GETs of the upstream", 1, upstream.gets(digest))
    service.start()
    wait_until(30, "the put of what waits", lambda: is_stored(service, {digest}))
    wait_until(30, "health", lambda: not node.health())


@check
def second_database_on_the_same_prefix_is_turned_away(run):
    upstream, postgres, service = services(run)
    first = Node(run, upstream, postgres, service)
    first.start()
    other = run.closing(Postgres(run.folder / "postgres-2"))
    other.start()
    before = service.objects()
    second = Node(run, upstream, other, service, name="second")
    second.launch()
    wait_until(60, "the end of the second", second.has_ended)
    expect("storage.s3.prefix: " in second.log(), f"the second says {second.last_words()}")
    wrong = Node(run, upstream, other, service, name="second", storage_s3_secretkey="another")  # the folder is that of its database
    wrong.launch()
    wait_until(60, "the end of the one with a wrong key", wrong.has_ended)
    expect("storage.s3.secretkey: it is not the secret" in wrong.log(), f"it says {wrong.last_words()}")
    expect_equal("the objects", before, service.objects())
    expect(f"{BUCKET}" in first.log(), "the first does not name its bucket")
