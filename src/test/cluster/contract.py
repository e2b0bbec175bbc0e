"""The store in a bucket of a real S3 service: all that every store has to hold."""

import subprocess

from bucket import pull
from harness.checks import Skipped, check, expect, expect_equal, need_program
from harness.entrepot import ROOT
from harness.upstream import Upstream
from harness.waiting import wait_until
from nodes import database, node
from services import Moto, S3Service

TEST = "S3ServerIT"
SECONDS = 300


def hold_contract(service, *options):
    """Runs the tests that the build has compiled."""
    if not list((ROOT / "target/test-classes").rglob(f"{TEST}.class")):
        raise Skipped("the tests are not compiled: run mvn test-compile first")
    command = ["mvn", "-B", "-o", "-ntp", "surefire:test", f"-Dtest={TEST}", f"-Dit.s3={service.url}", *options]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, check=False)
    expect(done.returncode == 0, done.stdout[-2000:])
    totals = [line for line in done.stdout.splitlines() if "Tests run:" in line]
    expect("Failures: 0, Errors: 0" in totals[-1] and "Tests run: 0" not in totals[-1], totals[-1])
    return totals[-1].partition("Tests run: ")[2].partition(",")[0]


@check
def store_in_a_bucket_of_versitygw_holds_what_every_store_holds(run):
    service = run.closing(S3Service(run.folder / "s3"))
    service.start()
    run.note(f"{hold_contract(service, '-Dit.s3.strict=true')} tests")


@check
def bucket_of_moto_holds_what_every_store_holds_and_fills_an_empty_node(run):
    need_program("skopeo")
    if not run.is_long:
        raise Skipped("it has to be fetched first: --long does that")
    service = run.closing(Moto(run.folder / "moto"))
    service.start()
    tests = hold_contract(service)
    upstream, postgres = run.closing(Upstream()), database(run)
    manifest, blobs = upstream.new_image("v1", 300, 700_000, 80 << 20)
    own = node(run, 1, upstream, postgres, service)
    pulled = pull(run, own, "first")
    wait_until(60, "the put of all", lambda: all(any(digest[7:] in key for key in service.objects()) for digest in (manifest, *blobs)))
    own.stop()
    own.wipe()
    upstream.requests.clear()
    own.start()
    expect_equal("the bytes of the second pull", pulled, pull(run, own, "second"))
    expect_equal("requests to the upstream for content", [], [path for _, path in upstream.requests if path != "/v2/"])
    run.note(f"{tests} tests, {pulled >> 20} MiB")
