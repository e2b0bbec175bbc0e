"""A rolling upgrade: an older build beside a new one, on one database and one bucket."""

import subprocess

from bucket import content_requests, is_stored, pull, services
from harness.checks import Skipped, check, expect, expect_equal, need_program
from harness.contents import MIB
from harness.entrepot import ROOT
from harness.waiting import wait_until
from nodes import MANIFEST, new_node
from services import Node

# The last build without claims. Its tables of nodes have schema 1; a new node makes that 2.
OLDER = "ee5fb92"
FOLDER = ROOT / "target/older"


class OlderNode(Node):
    """A node by that build."""

    war = FOLDER / "target/entrepot.war"


def build_older():
    if OlderNode.war.is_file():
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    source = subprocess.run(["git", "-C", ROOT, "archive", OLDER], capture_output=True, check=False)
    if source.returncode:
        raise Skipped(f"the commit {OLDER} is not here")
    subprocess.run(["tar", "-x", "-C", FOLDER], input=source.stdout, check=True)
    build = ["mvn", "-B", "-q", "-DskipTests", "-Dspotless.check.skip=true", "package"]
    subprocess.run(build, cwd=FOLDER, stdin=subprocess.DEVNULL, check=True, timeout=900)


def schema(postgres):
    return postgres.ask("SELECT MAX(version) FROM schema_version WHERE component = 'cluster'")


@check
def older_build_serves_beside_a_new_one_and_each_sees_what_the_other_purges(run):
    need_program("skopeo")
    if not run.is_long:
        raise Skipped("it has to be built first: --long does that")
    build_older()
    upstream, postgres, service = services(run)
    older = new_node(run, 1, upstream, postgres, service, kind=OlderNode)
    newer = new_node(run, 2, upstream, postgres, service)
    older.start()
    expect_equal("the schema of the older", "1", schema(postgres))
    newer.start()
    expect_equal("the schema of the newer", "2", schema(postgres))
    for first, second in (older, newer), (newer, older):
        serve_side_by_side(run, upstream, service, first, second)
    expect_equal("whether both are up", [True, True], [node["up"] for node in newer.get("/api/cluster").json()["nodes"]])
    older.stop()
    older.launch()  # of that build no later tables say yet whether it may use them
    wait_until(60, "the end of the older", older.has_ended)
    expect("a later program made them" in older.log(), f"the older says {older.last_words()}")


def serve_side_by_side(run, upstream, service, first, second):
    manifest, blobs = upstream.new_image("v1", 300, 700_000, 8 * MIB)
    for one in (first, second):
        wait_until(1, f"the new image at {one.name}", lambda one=one: one.get(MANIFEST).digest == manifest)
    pulled = pull(run, first, f"{first.name}-{manifest[-8:]}")
    wait_until(60, "the put of all", lambda: is_stored(service, {manifest, *blobs}))
    upstream.requests.clear()
    expect_equal("the bytes by the other", pulled, pull(run, second, f"{second.name}-{manifest[-8:]}"))
    expect_equal("requests to the upstream for it", [], content_requests(upstream))
    for purging in (first, second):
        renewed, _ = upstream.new_image("v1", 400)
        purge(purging)
        for one in (first, second):
            wait_until(1, f"the new tag at {one.name}", lambda one=one, renewed=renewed: one.get(MANIFEST).digest == renewed)
    purge(first)


def purge(node):
    """Each pull of a manifest begins to fetch the config, and meanwhile a purge is refused."""
    wait_until(10, f"the purge by {node.name}", lambda: node.get("/api/repositories/team/app", "DELETE").status == 200)
