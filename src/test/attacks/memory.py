"""What is sent to take the heap: large and deep JSON, endless bodies, very many keys."""

import json

from harness.checks import expect
from harness.contents import MIB, digest_of, image_manifest

from attack import attack
from tricks import Tokens, endless, first, manifest, says, where

AT_ONCE = 8
CONFIG = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:" + "0" * 64, "size": 1}
# What a manifest may have, and a little less.
LARGEST = 4 * MIB - 2000


def padded(value, size, piece=b"{},"):
    """A JSON object with one more field, a list of as many pieces as fit."""
    text = json.dumps(value).encode()
    return text[:-1] + b',"more":[' + piece * ((size - len(text)) // len(piece)) + piece[:-1] + b"]}"


def read_all(attack, paths):
    """Asks for all at once. Each gets its answer or an error that says why; nobody gets none."""
    answers = attack.ask_all(paths, threads=AT_ONCE)
    for answer in answers:
        attack.expect_status(answer, 200, 400, 403, 404, 413, 502, 503)
    return answers


@attack("S24, S12")
def manifests_of_a_million_objects_leave_the_heap_alone(attack):
    for piece in (b"{},", b'"",', b"0,", b'{"a":[]},'):
        contents = [padded(image_manifest(CONFIG, [], number=number), LARGEST, piece) for number in range(AT_ONCE)]
        tricks = [where(f"/manifests/(t{number}|{digest_of(content)})$", manifest(content)) for number, content in enumerate(contents)]
        attack.upstream.trick = first(*tricks)
        repository = f"team/app{len(piece)}"
        answers = read_all(attack, [attack.path(f"manifests/t{number}", repository) for number in range(AT_ONCE)])
        for content, answer in zip(contents, answers):
            expect(answer.status != 200 or answer.body == content, "wrong bytes")


@attack("S24, S12")
def deep_and_wide_lists_leave_the_heap_alone(attack):
    json_type = {"Content-Type": "application/json"}
    index_type = {"Content-Type": "application/vnd.oci.image.index.v1+json"}
    tags = padded({"name": "team/app", "tags": ["a"]}, LARGEST)
    index = padded({"schemaVersion": 2, "mediaType": index_type["Content-Type"], "manifests": []}, LARGEST)
    deep = b'{"errors":' + b"[" * MIB
    attack.upstream.trick = first(
        where("/tags/list", says(200, tags, json_type)),
        where("/referrers/", says(200, index, index_type)),
        where("/manifests/", says(404, deep, json_type)),
        where("/blobs/", says(404, padded({"errors": []}, LARGEST), json_type)),
    )
    for what in ("tags/list", f"referrers/{digest_of(b'')}", "manifests/v1", f"blobs/{digest_of(b'')}"):
        read_all(attack, [attack.path(what, f"team/app{number}") for number in range(AT_ONCE)])


@attack("S12")
def endless_bodies_are_cut(attack):
    bodies = endless(attack.over, "application/json")
    attack.upstream.trick = where("team/", bodies)
    answers = attack.ask_all([attack.path(what) for what in ("manifests/v1", "tags/list", f"referrers/{digest_of(b'')}", "manifests/v2")])
    for answer in answers:
        attack.expect_status(answer, 502)
    attack.note(f"{bodies.sent() / MIB:.1f} MiB sent")
    expect(bodies.sent() < 64 * MIB, f"{bodies.sent()} bytes were read of 4 endless bodies")


@attack("S12, S28")
def many_large_tokens_leave_the_heap_alone(attack):
    token = json.dumps({"token": "t" * 60_000, "expires_in": 3600}).encode()
    attack.upstream.trick = first(Tokens(attack.upstream, body=token), says(404, b"{}"))
    count = attack.either(1500, 4000)
    paths = [attack.path("manifests/v1", f"team/app{number}") for number in range(count)]
    for answer in attack.ask_all(paths):
        attack.expect_status(answer, 404, 502, 503, 429)


@attack("S28")
def very_many_long_keys_leave_the_heap_alone(attack):
    attack.upstream.trick = first(
        where("/referrers/", says(200, b'{"schemaVersion":2,"manifests":[]}', {"Content-Type": "application/vnd.oci.image.index.v1+json"})),
        where("/tags/list", says(200, b'{"name":"team/app","tags":[]}', {"Content-Type": "application/json"})),
        says(404, b"{}"),
    )
    count = attack.either(4000, 26_000)
    long = "a" * 4000
    digest = digest_of(b"subject")
    paths = [attack.path(f"referrers/{digest}?artifactType=a/{long}{number}") for number in range(count)]
    paths += [attack.path(f"tags/list?n=5&last=t{number}" + "t" * 100) for number in range(count // 4)]
    paths += [attack.path(f"manifests/t{number}" + "t" * 100) for number in range(count // 4)]
    for answer in attack.ask_all(paths):
        attack.expect_status(answer, 200, 400, 404, 414, 429, 502, 503, 504)
