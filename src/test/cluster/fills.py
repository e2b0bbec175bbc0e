"""Blobs that several nodes are asked for at once: one fetches them, and the others follow it."""

import time
from concurrent.futures import ThreadPoolExecutor

from harness.checks import check, expect, expect_equal
from harness.contents import MIB
from harness.herd import Client, Herd
from harness.upstream import Upstream
from harness.waiting import running, wait_until
from nodes import database, node

CLIENTS = 100
PATIENCE = 300


def cluster(run, upstream, **settings):
    postgres = database(run)
    with ThreadPoolExecutor() as starting:
        return list(starting.map(lambda number: node(run, number, upstream, postgres, **settings), (1, 2, 3)))


def herd(upstream, digest, nodes, count):
    content = upstream.blobs[digest]
    return Herd([Client(f"{nodes[i % len(nodes)].url}/v2/team/app/blobs/{digest}", content) for i in range(count)])


@check
def hundred_clients_over_three_nodes_cost_the_upstream_one_fetch(run):
    upstream = run.closing(Upstream())
    nodes = cluster(run, upstream)
    size = run.either(50, 200) * MIB
    seconds = {}
    for what, asked in ("one node", nodes[:1]), ("three nodes", nodes):
        digest = upstream.new_blob(size)
        upstream.sent = 0
        clients = herd(upstream, digest, asked, CLIENTS)
        seconds[what] = clients.pull(PATIENCE)
        expect_equal(f"what clients of {what} got", {"right": CLIENTS}, clients.outcomes())
        expect_equal("GETs of the upstream", 1, upstream.gets(digest))
        expect_equal("bytes of the upstream", size, upstream.sent)
        del upstream.blobs[digest]
    run.note(f"{size // MIB} MiB, " + ", ".join(f"{took:.1f} s with {what}" for what, took in seconds.items()))


@check
def clients_of_others_see_nothing_of_a_node_that_is_killed_while_it_fetches(run):
    upstream = run.closing(Upstream())
    nodes = cluster(run, upstream)
    size = run.either(50, 200) * MIB
    digest = upstream.new_blob(size)
    upstream.flows_to = size // 2
    upstream.flows.clear()
    own, others = herd(upstream, digest, nodes[:1], 3), herd(upstream, digest, nodes[1:], 6)
    with running(lambda: own.pull(PATIENCE)):
        wait_until(60, "the request to the upstream", lambda: upstream.gets(digest) == 1)
        with running(lambda: others.pull(PATIENCE)):
            wait_until(60, "half of it", lambda: min(client.received for client in others.clients) > size * 0.45)
            nodes[0].kill()
            killed = time.monotonic()
            wait_until(30, "the other request", lambda: upstream.gets(digest) > 1)
            taken = time.monotonic() - killed
            upstream.flows.set()
    expect_equal("what clients of the others got", {"right": 6}, others.outcomes())
    expect("right" not in own.outcomes(), "a client of the node that was killed has all")
    expect_equal("GETs of the upstream", 2, upstream.gets(digest))
    expect(upstream.sent <= 1.1 * size, f"the upstream sent {upstream.sent} of {size} bytes")
    run.note(f"{size // MIB} MiB, another goes on after {taken:.2f} s, the upstream sent {upstream.sent / size:.3f} of it")
