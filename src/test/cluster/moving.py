"""The cache of one machine becomes the first node of a cluster, and the cache of one machine again."""

from bucket import content_requests, is_stored, pull, services
from harness.checks import check, expect, expect_equal
from harness.entrepot import Executable
from harness.waiting import wait_until
from nodes import new_node

OWN = {"storage.reserve": "0B", "storage.unlinkgrace": "0s", "proxy.parallel": "1", "proxy.revalidate": "1h"}


def alone(run, upstream, folder):
    own = Executable(run.folder / folder, upstream.url, settings=OWN, heap="256m")
    own.patience = 180
    run.closing(own)
    own.start()
    return own


@check
def cache_of_one_machine_moves_into_a_cluster_and_back_without_a_second_download(run):
    upstream, postgres, service = services(run)
    manifest, blobs = upstream.new_image("v1", 300, 700_000)
    single = alone(run, upstream, "n1")
    pulled = pull(run, single, "alone")
    single.stop()
    upstream.requests.clear()

    first = new_node(run, 1, upstream, postgres, service)
    first.start()
    expect_equal("the bytes of the first node", pulled, pull(run, first, "first"))
    bodies = [path for method, path in content_requests(upstream) if method == "GET" and "/blobs/" in path]
    expect_equal("blobs that were downloaded again", [], bodies)
    run.note(f"{len(content_requests(upstream))} requests to the upstream after the move")
    wait_until(120, "the put of all", lambda: is_stored(service, {manifest, *blobs}))
    second = new_node(run, 2, upstream, postgres, service)
    second.start()
    upstream.requests.clear()
    expect_equal("the bytes of the second node", pulled, pull(run, second, "second"))
    expect_equal("requests to the upstream", [], content_requests(upstream))
    second.stop()
    first.stop()

    again = alone(run, upstream, "n1")
    upstream.requests.clear()
    expect_equal("the bytes of the one machine", pulled, pull(run, again, "again"))
    bodies = [path for method, path in content_requests(upstream) if method == "GET" and "/blobs/" in path]
    expect_equal("blobs that were downloaded again", [], bodies)
    expect(again.has_ended() is False, "it has ended")
