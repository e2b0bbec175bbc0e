"""Three nodes behind nginx, with the configuration of deploy/compose."""

import subprocess

from bucket import pull, services
from harness.checks import check, expect_equal, need_program
from harness.contents import MIB
from harness.waiting import running, wait_until
from nodes import MANIFEST, three
from services import Nginx

LAYER = 20 * MIB


@check
def pull_through_the_balancer_of_deploy_survives_the_node_that_is_killed_in_the_middle(run):
    need_program("skopeo")
    upstream, postgres, service = services(run)
    nodes = three(run, upstream, postgres, service)
    balancer = run.closing(Nginx(run.folder / "nginx", nodes))
    balancer.start()
    manifest, blobs = upstream.new_image("v1", 300, 700_000, LAYER)
    upstream.flows_to = LAYER // 2
    upstream.flows.clear()
    tries = []
    with running(lambda: pull_again(run, balancer, tries)):
        wait_until(60, "the half of the layer", lambda: upstream.gets(blobs[2]) == 1 and upstream.sent > LAYER // 2)
        own = next(node for node in nodes if node.name == fetching(postgres, blobs[2]))
        own.kill()
        upstream.flows.set()
    expect_equal("pulls by a client that pulls again when its connection breaks", ["broken", "whole"], tries)
    for number in range(60):
        path = (MANIFEST, *(f"/v2/team/app/blobs/{digest}" for digest in blobs[:2]))[number % 3]
        answer = balancer.get(path)
        expect_equal(f"request {number} without that node", (200, (manifest, *blobs)[number % 3]), (answer.status, answer.digest))
    expect_equal("what only nodes ask each other", 404, balancer.get(f"/internal/fills/docker.io/{blobs[2]}").status)
    run.note(f"{own.name} was killed, the upstream sent {upstream.gets(blobs[2])} bodies of the layer")


def fetching(postgres, digest):
    """The node that has the claim for a blob."""
    return postgres.ask(f"SELECT node FROM fill_claim WHERE digest = '{digest}'")


def pull_again(run, balancer, tries):
    """As a kubelet does: a balancer cannot go on with a body that a killed node has begun."""
    for name in ("first", "second"):
        try:
            pull(run, balancer, name)
            tries.append("whole")
            return
        except subprocess.CalledProcessError:
            tries.append("broken")
