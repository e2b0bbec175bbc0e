"""Nodes that must not start: each says why in one sentence that names the setting, and has written nothing."""

from bucket import services
from harness.checks import check, expect, expect_equal
from harness.debian import install_missing
from harness.upstream import Upstream
from harness.waiting import wait_until
from nodes import MANIFEST, database, new_node, node
from services import Postgres

LATER = "INSERT INTO schema_version (component, version, applied_at, oldest) VALUES ('catalog', 99, 0, {})"


def refused(stranger, sentence, prefix=()):
    stranger.launch(prefix)
    wait_until(120, f"the end of {stranger.name}", stranger.has_ended)
    expect(sentence in stranger.log(), f"{stranger.name} says {stranger.last_words()}, and not {sentence}")


@check
def bucket_that_cannot_be_used_stops_the_node_and_stays_as_it_is(run):
    upstream, postgres, service = services(run)
    node(run, 1, upstream, postgres, service)
    before = (service.objects(), postgres.ask("SELECT COUNT(*) FROM setting"))
    wrong = {
        "storage_s3_bucket": ("no-such-bucket", "storage.s3.bucket: there is no bucket no-such-bucket"),
        "storage_s3_region": ("eu-central-1", "storage.s3.region: "),
        "storage_s3_accesskey": ("nobody", "storage.s3.accesskey: "),
        "storage_s3_secretkey": ("another", "storage.s3.secretkey: it is not the secret"),
    }
    for number, (setting, (value, sentence)) in enumerate(wrong.items(), 2):
        refused(new_node(run, number, upstream, postgres, service, **{setting: value}), sentence)
    expect_equal("the objects and the texts", before, (service.objects(), postgres.ask("SELECT COUNT(*) FROM setting")))


@check
def node_whose_clock_is_an_hour_off_the_databases_is_turned_away(run):
    install_missing(["faketime:faketime"])
    upstream = run.closing(Upstream())
    postgres = run.closing(Postgres(run.folder / "postgres"))
    postgres.start(["faketime", "-f", "+1h"])
    refused(new_node(run, 1, upstream, postgres), "cluster.address: the clock of this node is -3")
    expect_equal("tables of a cluster", "0", postgres.ask("SELECT COUNT(*) FROM pg_tables WHERE tablename IN ('node', 'cluster_mark', 'blob')"))


@check
def node_of_an_older_version_starts_only_where_the_tables_allow_it(run):
    upstream, postgres = run.closing(Upstream()), database(run)
    first = node(run, 1, upstream, postgres)
    manifest, _ = upstream.new_image("v1", 300)
    postgres.ask(LATER.format(99))
    refused(new_node(run, 2, upstream, postgres), "database.url: the tables of catalog have version 99, which needs a program that knows 99")
    expect_equal("the nodes", "n1", postgres.ask("SELECT string_agg(name, ' ') FROM node"))
    postgres.ask("UPDATE schema_version SET oldest = 1 WHERE version = 99")
    second = node(run, 3, upstream, postgres)
    for one in (first, second):
        expect_equal(f"the manifest at {one.name}", manifest, one.get(MANIFEST).digest)
    cluster = second.get("/api/cluster").json()
    expect_equal("the nodes that are up", ["n1", "n3"], [each["name"] for each in cluster["nodes"] if each["up"]])
    expect("catalog 99 9" in [f"{t['component']} {t['version']} {t['oldest']}" for t in cluster["tables"]], f"tables: {cluster['tables']}")
