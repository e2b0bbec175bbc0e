"""Several nodes and one upstream: together they ask it no more often than one would, and rest when it asks one of them to."""

import time

from bucket import content_requests, services
from harness.checks import check, expect, expect_equal
from harness.upstream import Upstream
from harness.waiting import wait_until
from nodes import MANIFEST, database, three


def asked(upstream, path=MANIFEST):
    """How often the upstream was asked where the tag leads."""
    return sum(1 for _, wanted in upstream.requests if wanted == path)


@check
def tag_that_one_node_has_resolved_costs_the_others_no_request(run):
    upstream, postgres, service = services(run)
    manifest, _ = upstream.new_image("v1", 300)
    first, second, third = three(run, upstream, postgres, service)
    expect_equal("the manifest", manifest, first.get(MANIFEST).digest)
    wait_until(60, "the put of the manifest", lambda: any(manifest[7:] in key for key in service.objects()))
    upstream.requests.clear()
    for one in (second, third, first):
        expect_equal("the manifest", manifest, one.get(MANIFEST).digest)
    manifests = [path for _, path in content_requests(upstream) if "/manifests/" in path]
    expect_equal("requests for manifests within proxy.revalidate", [], manifests)


@check
def three_nodes_ask_about_a_tag_about_as_often_as_one(run):
    upstream, postgres = run.closing(Upstream()), database(run)
    manifest, _ = upstream.new_image("v1", 300)
    nodes = three(run, upstream, postgres, proxy_revalidate="3s")
    for one in nodes:
        expect_equal("the manifest", manifest, one.get(MANIFEST).digest)
    upstream.requests.clear()
    begun = time.monotonic()
    while time.monotonic() - begun < 15:
        for one in nodes:
            expect_equal("the manifest", manifest, one.get(MANIFEST).digest)
            time.sleep(0.4)
    intervals = int((time.monotonic() - begun) / 3) + 1
    run.note(f"{asked(upstream)} requests in {intervals} intervals of 3 s")
    expect(asked(upstream) <= intervals + 1, f"the upstream was asked {asked(upstream)} times in {intervals} intervals")


@check
def nodes_rest_within_a_second_when_one_has_seen_a_429(run):
    upstream, postgres = run.closing(Upstream()), database(run)
    upstream.new_image("v1", 300)
    nodes = three(run, upstream, postgres)
    upstream.trick = slow_down
    expect_equal("the first", 429, nodes[0].get(MANIFEST).status)
    time.sleep(1)
    upstream.requests.clear()
    for one in nodes:
        answer = one.get(MANIFEST)
        expect_equal("the answer", 429, answer.status)
    expect_equal("requests to the upstream", [], upstream.requests)
    upstream.trick = lambda handler: False
    for one in nodes:
        wait_until(20, f"an answer of {one.name}", lambda one=one: one.get(MANIFEST).status == 200)


def slow_down(handler):
    handler.answer(429, b"{}", {"Retry-After": "8"})
    return True
