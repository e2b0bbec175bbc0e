"""Blobs that several nodes are asked for at once: one fetches them, and the others follow it."""

import collections
import itertools
import os
import random
import signal
import subprocess
import threading
import time

from bucket import content_requests, is_stored, services
from harness.certificate import write_certificate
from harness.checks import check, expect, expect_equal
from harness.client import Answer, Broken
from harness.contents import MIB
from harness.herd import Client, Herd
from harness.ports import free_port
from harness.upstream import Upstream
from harness.waiting import running, wait_until
from nodes import database, node, secret_file, three
from services import JettyNode, Node, TomcatNode

CLIENTS = 100
PATIENCE = 300


def cluster(run, upstream, **settings):
    return three(run, upstream, database(run), **settings)


def herd(upstream, digest, nodes, count):
    content = upstream.blobs[digest]
    return Herd([Client(f"{nodes[i % len(nodes)].url}/v2/team/app/blobs/{digest}", content) for i in range(count)])


@check
def hundred_clients_over_three_nodes_cost_the_upstream_one_fetch(run):
    upstream = run.closing(Upstream())
    nodes = cluster(run, upstream)
    size = run.either(50, 200) * MIB
    one, three = (one_fetch(upstream, asked, size) for asked in (nodes[:1], nodes))
    run.note(f"{size // MIB} MiB, {one:.1f} s with one node, {three:.1f} s with three nodes")
    # Here all nodes share the processors of one machine. Where these are not the limit, three nodes take as long as one.
    size = run.either(20, 200) * MIB
    upstream.bytes_per_second = 4 * MIB
    one, three = (one_fetch(upstream, asked, size) for asked in (nodes[:1], nodes))
    run.note(f"{size // MIB} MiB from an upstream of 4 MiB/s, {one:.1f} s with one node, {three:.1f} s with three nodes")
    expect(three <= 1.2 * one, f"three nodes took {three / one:.2f} times as long as one")


def one_fetch(upstream, nodes, size):
    """Seconds until a hundred clients of these nodes have a new blob, of which the upstream sends each byte once."""
    digest = upstream.new_blob(size)
    upstream.sent = 0
    clients = herd(upstream, digest, nodes, CLIENTS)
    seconds = clients.pull(PATIENCE)
    expect_equal(f"what clients of {len(nodes)} nodes got", {"right": CLIENTS}, clients.outcomes())
    expect_equal("GETs of the upstream", 1, upstream.gets(digest))
    expect_equal("bytes of the upstream", size, upstream.sent)
    del upstream.blobs[digest]
    return seconds


@check
def clients_of_others_see_nothing_of_a_node_that_is_killed_while_it_fetches(run):
    another_goes_on(run, lambda own: own.kill())


@check
def clients_of_others_see_nothing_of_a_node_that_hangs_while_it_fetches(run):
    another_goes_on(run, lambda own: os.kill(own.pid, signal.SIGSTOP))


@check
def nodes_in_tomcat_and_jetty_follow_and_are_followed(run):
    upstream, postgres = run.closing(Upstream()), database(run)
    by = dict(zip(("tomcat", "jetty", "java -jar"), (TomcatNode, JettyNode, Node), strict=True))
    nodes = {name: node(run, number, upstream, postgres, kind=kind) for number, (name, kind) in enumerate(by.items(), 1)}
    for fetching, following in itertools.permutations(nodes, 2):
        digest = upstream.new_blob(8 * MIB)
        upstream.flows_to, upstream.sent = 4 * MIB, 0
        upstream.flows.clear()
        first, second = (herd(upstream, digest, [nodes[name]], 2) for name in (fetching, following))
        with running(lambda first=first: first.pull(PATIENCE)):
            wait_until(60, "the request to the upstream", lambda digest=digest: upstream.gets(digest) == 1)
            with running(lambda second=second: second.pull(PATIENCE)):
                wait_until(60, f"half of it in {following}", lambda second=second: min(one.received for one in second.clients) > 3 * MIB)
                upstream.flows.set()
        for name, clients in (fetching, first), (following, second):
            expect_equal(f"what clients of {name} got", {"right": 2}, clients.outcomes())
        expect_equal(f"bytes that {following} got from {fetching}", 8 * MIB, upstream.sent)


def another_goes_on(run, end):
    """One of three nodes fetches, and ends at half of the blob."""
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
            end(nodes[0])
            ended = time.monotonic()
            wait_until(40, "the other request", lambda: upstream.gets(digest) > 1)
            taken = time.monotonic() - ended
            nodes[0].kill()  # one that hangs still takes what fits into its socket
            upstream.flows.set()
    expect_equal("what clients of the others got", {"right": 6}, others.outcomes())
    expect("right" not in own.outcomes(), "a client of the node that ended has all")
    expect_equal("GETs of the upstream", 2, upstream.gets(digest))
    expect(upstream.sent <= 1.1 * size, f"the upstream sent {upstream.sent} of {size} bytes")
    run.note(f"{size // MIB} MiB, another goes on after {taken:.2f} s, the upstream sent {upstream.sent / size:.3f} of it")


@check
def node_that_joins_drains_and_comes_back_with_an_empty_folder_fails_no_request(run):
    upstream, postgres, service = services(run)
    _, blobs = upstream.new_image("v1", 300, 700_000, 8 * MIB)
    first, second = (node(run, number, upstream, postgres, service) for number in (1, 2))
    for digest in blobs:
        expect_equal("the blob", digest, first.get(f"/v2/team/app/blobs/{digest}").digest)
    wait_until(60, "the put of all", lambda: is_stored(service, set(blobs)))
    upstream.requests.clear()
    served, failed, over = collections.Counter(), [], threading.Event()
    balanced = [first, second]  # as a load balancer has it

    def pull_on():
        for digest in itertools.cycle(blobs):
            if over.is_set():
                return
            one = random.choice(balanced)
            try:
                if one.get(f"/v2/team/app/blobs/{digest}").digest != digest:
                    failed.append(f"a wrong answer of {one.name}")
            except Broken as e:
                failed.append(f"{one.name}: {e}")
            served[one.name] += 1

    def serves(one):
        before = served[one.name]
        wait_until(60, f"twenty answers of {one.name}", lambda: served[one.name] >= before + 20)

    with running(pull_on, pull_on, pull_on):
        try:
            third = node(run, 3, upstream, postgres, service)
            balanced.append(third)
            serves(third)
            balanced.remove(first)
            serves(second)  # so that what was on its way to the first is over
            expect_equal("the drain", 202, first.get("/api/drain", "POST").status)
            first.stop()
            first.wipe()
            first.start()
            balanced.append(first)
            serves(first)
        finally:
            over.set()
    expect_equal("what failed", [], failed)
    expect_equal("requests to the upstream", [], content_requests(upstream))
    run.note(f"{sum(served.values())} requests")


@check
def nodes_ask_each_other_by_tls_at_a_port_of_their_own(run):
    upstream, postgres = run.closing(Upstream()), database(run)
    key, certificate = run.folder / "key.pem", run.folder / "certificate.pem"
    write_certificate(key, certificate)
    tls = {"http_tls_certificate": str(certificate), "http_tls_key": str(key), "cluster_ca": str(certificate)}
    addresses = [f"https://127.0.0.1:{free_port()}" for _ in range(2)]
    nodes = [
        Node(
            run,
            upstream,
            postgres,
            name=f"n{number}",
            cluster_node=f"n{number}",
            cluster_address=address,
            cluster_secretfile=str(secret_file(run)),
            **tls,
        )
        for number, address in enumerate(addresses)
    ]
    for one in nodes:
        one.launch()
    for one in nodes:
        wait_until(one.patience, "the start", lambda one=one: " serves https://" in one.log())
    digest = upstream.new_blob(8 * MIB)
    blob, internal = f"/v2/team/app/blobs/{digest}", f"/internal/fills/docker.io/{digest}"
    first, second = (one.url.replace("http:", "https:") for one in nodes)
    expect_equal("the blob", digest, curl(first + blob).digest)
    expect_equal("the blob by the other node", digest, curl(second + blob).digest)
    expect_equal("GETs of the upstream", 1, upstream.gets(digest))
    expect_equal("what nodes ask, at the port of clients", 404, curl(first + internal).status)
    expect_equal("what nobody has signed", 401, curl(addresses[0] + internal).status)
    expect_equal("what clients ask, at the port of nodes", 404, curl(addresses[0] + blob).status)


def curl(url):
    command = ["curl", "-sk", "-w", "%{http_code}", url]
    output = subprocess.run(command, check=True, capture_output=True).stdout
    return Answer(int(output[-3:]), {}, output[:-3])
