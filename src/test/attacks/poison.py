"""Wrong bytes, wrong types, wrong encodings, sent as if they were right."""

import gzip
import json

from harness.checks import expect, expect_equal
from harness.contents import INDEX, MANIFEST, digest_of, encoded, image_manifest, index
from harness.waiting import wait_until

from attack import attack
from memory import CONFIG
from tricks import BLOB, first, manifest, says, where

TYPES = {
    MANIFEST,
    INDEX,
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.artifact.manifest.v1+json",
}
SCRIPT = b"<html><script>alert(1)</script></html>"
CONTENT = encoded(image_manifest(CONFIG, []))


@attack("S7")
def wrong_bytes_are_neither_served_nor_kept(attack):
    right = attack.upstream.new_blob(100_000)
    wrong = b"w" * 100_000
    claims = {"Docker-Content-Digest": right, "Content-Type": BLOB, "ETag": f'"{right}"'}
    attack.upstream.trick = first(
        where("/blobs/", says(200, wrong, claims)), where("/manifests/", manifest(CONTENT, **{"Docker-Content-Digest": right}))
    )
    for _ in range(2):
        answer = attack.try_to_ask(attack.path(f"blobs/{right}"))
        expect(answer is None or answer.status == 502, "a blob of wrong bytes came whole")
        for reference in (right, "v1"):
            answer = attack.try_to_ask(attack.path(f"manifests/{reference}"))
            if answer is not None and answer.status == 200:
                expect(reference == "v1", "a manifest by a digest that is not its own")
                expect_equal("the digest", digest_of(CONTENT), answer.headers["Docker-Content-Digest"])
    attack.upstream.trick = lambda handler: False
    answer = attack.ask(attack.path(f"blobs/{right}"))
    attack.expect_status(answer, 200)
    expect_equal("the right bytes afterwards", right, answer.digest)


@attack("S8")
def manifests_of_two_minds_are_refused(attack):
    both = encoded(image_manifest(CONFIG, []) | index([]))
    as_index = manifest(CONTENT, INDEX)
    tricks = [manifest(both), manifest(both, INDEX), as_index, manifest(encoded(index([])), MANIFEST)]
    for number, trick in enumerate(tricks):
        attack.upstream.trick = where("/manifests/", trick)
        attack.expect_status(attack.ask(attack.path(f"manifests/v{number}")), 502)


@attack("S33, S17")
def what_is_sent_as_a_page_is_no_page_here(attack):
    html = encoded({**image_manifest(CONFIG, []), "annotations": {"a": SCRIPT.decode()}})
    types = ("text/html", "text/html; charset=utf-8", "TEXT/HTML", "image/svg+xml", "application/xhtml+xml", "text/xml")
    for number, media_type in enumerate(types):
        attack.upstream.trick = where("/manifests/", manifest(html, media_type))
        expect_no_page(attack, attack.path(f"manifests/v{number}"))
        expect_no_page(attack, attack.path(f"manifests/{digest_of(html)}", f"team/app{number}"))
    page = says(200, SCRIPT, {"Content-Type": "text/html"})
    attack.upstream.trick = first(where("/v2/.*/(blobs|tags|referrers)/", page), says(404, SCRIPT, {"Content-Type": "text/html"}))
    for what in (f"blobs/{digest_of(SCRIPT)}", "tags/list", f"referrers/{digest_of(SCRIPT)}", "manifests/none"):
        expect_no_page(attack, attack.path(what))


def expect_no_page(attack, path):
    for method in ("GET", "HEAD"):
        answer = attack.try_to_ask(path, method=method)
        if answer is None:
            continue
        media_type = answer.headers.get("Content-Type", "").partition(";")[0]
        expect(media_type in TYPES | {BLOB, "application/json"}, f"{path}: {answer.status} as {media_type!r}")
        expect_equal(f"X-Content-Type-Options of {path} ({answer.status})", "nosniff", answer.headers.get("X-Content-Type-Options"))
        if answer.status == 200 and media_type != "application/json":
            expect("sandbox" in answer.headers.get("Content-Security-Policy", ""), f"{path} is not in a sandbox")


@attack("S13")
def encoded_bodies_are_refused_and_free_their_connections(attack):
    digest = attack.upstream.new_blob(3000)
    content = gzip.compress(CONTENT)
    for number in range(150):
        encoding = ("gzip", "br", "deflate", "x-odd", "gzip, gzip", "zstd")[number % 6]
        headers = {"Content-Type": MANIFEST, "Content-Encoding": encoding}
        attack.upstream.trick = where("/manifests/", says(200, content, headers))
        answer = attack.try_to_ask(attack.path(f"manifests/v{number}"))
        attack.expect_status(answer, 502, 503)
    attack.upstream.trick = lambda handler: False

    def is_served():
        answer = attack.try_to_ask(attack.path(f"blobs/{digest}"))
        return answer is not None and answer.digest == digest

    # The breaker may rest for a while after so many wrong answers.
    wait_until(10, "a right blob afterwards", is_served, every=0.2)


@attack("S11")
def headers_of_others_are_not_passed_on(attack):
    tags = json.dumps({"name": "team/app", "tags": ["a", "b"]}).encode()
    sent = {
        "Content-Type": "application/json",
        "Set-Cookie": "session=evil",
        "Access-Control-Allow-Origin": "*",
        "Location": "http://evil.invalid/",
        "Refresh": "0;url=http://evil.invalid/",
        "X-Evil": "1",
        "Link": '</v2/team/app/tags/list?n=2&last=b>; rel="next"',
        "Warning": '199 evil "text"',
    }
    as_manifest = says(200, CONTENT, sent | {"Content-Type": MANIFEST})
    attack.upstream.trick = first(where("/tags/list", says(200, tags, sent)), where("/manifests/", as_manifest))
    for what in ("tags/list?n=2", "manifests/v1"):
        forged = {"Host": "evil.invalid", "X-Forwarded-Host": "evil.invalid", "Forwarded": "host=evil.invalid"}
        answer = attack.ask(attack.path(what), **forged)
        expect("evil" not in str(answer.headers).replace(attack.upstream_name, ""), f"{what}: {answer.headers}")
