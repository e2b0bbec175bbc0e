"""The end of what several nodes have: it goes once, everywhere, also when the node that had it in hand is dead."""

from bucket import is_stored, services
from harness.checks import check, expect, expect_equal
from harness.upstream import Upstream
from harness.waiting import wait_until
from nodes import database, node

TTL = "20s"


def files(one):
    return [file for file in (one.data / "blobs").rglob("*") if file.is_file()]


@check
def blob_whose_time_is_over_goes_once_from_the_bucket_the_rows_and_all_folders(run):
    upstream, postgres, service = services(run)
    first, second = (node(run, n, upstream, postgres, service, proxy_ttl=TTL) for n in (1, 2))
    digest = upstream.new_blob(500_000)
    path = f"/v2/team/app/blobs/{digest}"
    expect_equal("the blob", digest, first.get(path).digest)
    wait_until(60, "the put", lambda: is_stored(service, {digest}))
    expect_equal("the blob by the other", digest, second.get(path).digest)
    expect_equal("GETs of the upstream", 1, upstream.gets(digest))
    wait_until(120, "the end of the object", lambda: not is_stored(service, {digest}))
    wait_until(30, "the end of the files", lambda: not files(first) and not files(second))
    expect_equal("removals of objects", 1, service.asked("DELETE"))
    for table in ("blob", "bucket_object", "qrtz_triggers WHERE trigger_group = 'lease'"):
        expect_equal(f"rows of {table}", 0, int(postgres.ask(f"SELECT COUNT(*) FROM {table}")))
    evicted = [one.stats()["evictions"] for one in (first, second)]
    expect_equal("expiries of both nodes together", 1, sum(evicted))
    upstream.forget(digest)
    for one in (first, second):
        expect_equal(f"the blob at {one.name}, which the upstream has no more", 404, one.get(path).status)


@check
def leases_of_a_node_that_is_killed_are_ended_by_another(run):
    upstream, postgres = run.closing(Upstream()), database(run)
    first, second = (node(run, n, upstream, postgres, proxy_ttl=TTL) for n in (1, 2))
    digests = [upstream.new_blob(10_000 + n) for n in range(20)]
    for digest in digests:
        expect_equal("the blob", digest, first.get(f"/v2/team/app/blobs/{digest}").digest)
    for table in ("qrtz_simple_triggers", "qrtz_triggers"):  # as if it had died between the link and the lease
        postgres.ask(f"DELETE FROM {table} WHERE trigger_name = '{digests[0]}'")
    first.kill()
    wait_until(150, "the end of all leases", lambda: postgres.ask("SELECT COUNT(*) FROM blob") == "0")
    expect_equal("leases that are left", "0", postgres.ask("SELECT COUNT(*) FROM qrtz_triggers WHERE trigger_group = 'lease'"))
    expect(second.has_ended() is False, "the other node has ended")
