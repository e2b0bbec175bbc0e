"""Several nodes on one PostgreSQL: what one changes, the others know, and a node that is killed is not missed."""

import base64
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from bucket import content_requests, is_stored, pull, services
from harness.checks import check, expect, expect_equal
from harness.ports import free_port
from harness.upstream import Upstream
from harness.waiting import wait_until
from services import Node, Postgres

MANIFEST = "/v2/team/app/manifests/v1"
SECRET = "a secret of the nodes, for tests only, long enough"


def secret_file(run):
    secret = run.folder / "cluster.secret"
    secret.touch(0o600)
    secret.write_text(SECRET)
    return secret


def node(run, number, upstream, postgres, service=None, **settings):
    own = new_node(run, number, upstream, postgres, service, **settings)
    own.start()
    return own


def three(run, upstream, postgres, service=None, **settings):
    """Three nodes that start at the same time."""
    with ThreadPoolExecutor() as starting:
        return list(starting.map(lambda number: node(run, number, upstream, postgres, service, **settings), (1, 2, 3)))


def new_node(run, number, upstream, postgres, service=None, kind=Node, **settings):
    """One that is not started yet."""
    port = free_port()
    return kind(
        run,
        upstream,
        postgres,
        service,
        name=f"n{number}",
        cluster_node=f"n{number}",
        port=port,
        cluster_address=f"http://127.0.0.{number}:{free_port()}" if issubclass(kind, Node) else f"http://127.0.0.1:{port}",
        cluster_secretfile=str(secret_file(run)),
        cluster_insecure="true",
        **settings,
    )


def database(run):
    postgres = run.closing(Postgres(run.folder / "postgres"))
    postgres.start()
    return postgres


@check
def what_one_node_purges_the_others_ask_for_again_within_a_second(run):
    upstream, postgres = run.closing(Upstream()), database(run)
    first, second, third = three(run, upstream, postgres)
    old, _ = upstream.new_image("v1", 300)
    for one in (first, second, third):
        expect_equal("the manifest", old, one.get(MANIFEST).digest)
    new, _ = upstream.new_image("v1", 400)
    expect_equal("the tag, which is fresh for an hour", old, second.get(MANIFEST).digest)
    expect_equal("the purge", 200, first.get("/api/repositories/team/app", "DELETE").status)
    for one in (first, second, third):
        wait_until(1, f"the new tag at {one.name}", lambda one=one: one.get(MANIFEST).digest == new)


@check
def token_of_one_node_is_good_on_the_other(run):
    upstream, postgres = run.closing(Upstream()), database(run)
    users = run.folder / "users"
    subprocess.run(["htpasswd", "-Bbc", users, "ann", "ann-password"], check=True, capture_output=True)
    login = {"auth_htpasswd_path": str(users), "access": "user:ann pull team/**"}
    first, second = (node(run, n, upstream, postgres, **login) for n in (1, 2))
    manifest, _ = upstream.new_image("v1", 300)
    basic = base64.b64encode(b"ann:ann-password").decode()
    answer = first.get("/v2/token?service=x&scope=repository:team/app:pull", Authorization=f"Basic {basic}")
    expect_equal("the token", 200, answer.status)
    bearer = {"Authorization": "Bearer " + answer.json()["token"]}
    expect_equal("the manifest by the other node", manifest, second.get(MANIFEST, **bearer).digest)
    expect_equal("without it", 401, second.get(MANIFEST).status)


@check
def node_with_an_empty_folder_pulls_from_the_bucket_when_the_first_is_killed(run):
    upstream, postgres, service = services(run)
    manifest, blobs = upstream.new_image("v1", 300, 700_000, 20 << 20)
    first = node(run, 1, upstream, postgres, service)
    pulled = pull(run, first, "first")
    wait_until(60, "the put of all", lambda: is_stored(service, {manifest, *blobs}))
    second = node(run, 2, upstream, postgres, service)
    first.kill()
    upstream.requests.clear()
    expect_equal("the bytes of the second pull", pulled, pull(run, second, "second"))
    expect_equal("requests to the upstream", [], content_requests(upstream))


@check
def database_that_is_away_for_a_while_is_taken_up_again(run):
    upstream, postgres = run.closing(Upstream()), database(run)
    first, second = (node(run, n, upstream, postgres) for n in (1, 2))
    digest = upstream.new_blob(500_000)
    path = f"/v2/team/app/blobs/{digest}"
    for one in (first, second):
        expect_equal("the blob", digest, one.get(path).digest)
    time.sleep(1)  # each has heard of what the other has written, and forgotten it
    for one in (first, second):
        expect_equal("the hit", digest, one.get(path).digest)
    postgres.kill()
    for one in (first, second):
        expect_equal("the hit without a database", digest, one.get(path).digest)
    postgres.start()
    other = upstream.new_blob(600_000)
    for one in (first, second):
        wait_until(30, f"a new pull by {one.name}", lambda one=one: one.get(f"/v2/team/app/blobs/{other}").digest == other)
        expect_equal("the old one", digest, one.get(path).digest)
    expect(first.has_ended() is False and second.has_ended() is False, "a node has ended")


@check
def node_with_another_secret_is_turned_away(run):
    upstream, postgres = run.closing(Upstream()), database(run)
    node(run, 1, upstream, postgres)
    (run.folder / "other.secret").touch(0o600)
    (run.folder / "other.secret").write_text(SECRET + " but another")
    stranger = Node(
        run,
        upstream,
        postgres,
        name="n2",
        cluster_node="n2",
        cluster_address=f"http://127.0.0.2:{free_port()}",
        cluster_secretfile=str(run.folder / "other.secret"),
        cluster_insecure="true",
    )
    stranger.launch()
    wait_until(60, "the end of the stranger", stranger.has_ended)
    expect("cluster.secretfile: " in stranger.log(), f"it says {stranger.last_words()}")
