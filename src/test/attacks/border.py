"""What one upstream, or a client of it, tries to get of another."""

import time

from harness.checks import expect, expect_equal
from harness.contents import MIB, digest_of
from harness.upstream import Upstream

from attack import attack
from tricks import BLOB, drips, first, says, where

# Other for each request, whatever is asked.
VOLATILE = {"date", "keep-alive", "connection", "x-request-id"}


def held_elsewhere(attack, size=4000, repository="secret/app"):
    """A blob that is stored for a repository of another upstream."""
    digest = attack.honest.new_blob(size)
    attack.expect_status(attack.ask(attack.path(f"blobs/{digest}", repository, "honest")), 200)
    return digest


@attack("S30, S5")
def yes_to_every_head_gives_out_nothing(attack):
    for size in (4000, 3 * MIB):
        digest = held_elsewhere(attack, size)
        content = attack.honest.blobs[digest]
        yes = {"Content-Length": str(size), "Docker-Content-Digest": digest, "Content-Type": BLOB}

        def head(handler):
            handler.send_response(200)
            for name, value in yes.items():
                handler.send_header(name, value)
            handler.end_headers()
            return True

        for body in (says(404, b"{}"), says(200, b"y" * size), says(206, b"y", {"Content-Range": f"bytes 0-0/{size}"}), says(500, b"")):
            attack.upstream.trick = first(where("/blobs/", head, "HEAD"), where("/blobs/", body))
            for headers in ({}, {"Range": "bytes=10-99"}, {"Range": f"bytes={size - 50}-"}):
                answer = attack.try_to_ask(attack.path(f"blobs/{digest}"), **headers)
                stolen = answer is not None and (answer.body == content or (len(answer.body) > 20 and answer.body in content))
                expect(not stolen, f"another upstream's bytes: {headers}")


@attack("S5, S31")
def what_is_held_for_others_looks_unknown(attack):
    attack.upstream.trick = lambda handler: "/secret/" not in handler.path and says(404, b"{}")(handler)
    held = [held_elsewhere(attack), attack.upstream.new_blob(5000)]
    attack.expect_status(attack.ask(attack.path(f"blobs/{held[1]}", "secret/app")), 200)
    for digest in held:
        unknown = digest_of(digest.encode())
        for method in ("GET", "HEAD"):
            for what in ("blobs/", "manifests/", "referrers/"):
                of_held, of_unknown = (seen(attack.ask(attack.path(what + it), method), it) for it in (digest, unknown))
                expect_equal(f"{method} {what} of what is held for others", of_unknown, of_held)


def seen(answer, digest):
    """What a client sees of an answer, without the digest that it asked for."""
    headers = sorted((name.lower(), value) for name, value in answer.headers.items() if name.lower() not in VOLATILE)
    return answer.status, headers, answer.body.replace(digest.encode(), b"DIGEST")


@attack("S6")
def fill_of_another_repository_is_not_joined(attack):
    digest = digest_of(b"never whole")
    attack.upstream.trick = first(
        where("/secret/app/blobs/", drips(attack.over, 10 * MIB, MIB)), where("/team/app/blobs/", says(404, b"{}"))
    )
    client = attack.open_get(attack.path(f"blobs/{digest}", "secret/app"))
    expect(client.recv(20).startswith(b"HTTP/1.1 200"), "there is no fill")
    attack.expect_status(attack.ask(attack.path(f"blobs/{digest}")), 404)
    attack.expect_status(attack.ask(attack.path(f"blobs/{digest}"), "HEAD"), 404)


@attack("S29")
def nobody_waits_for_an_upstream_that_is_not_his(attack):
    for size in (20_000, 3 * MIB):
        digest = attack.honest.new_blob(size)
        attack.upstream.trick = where("/blobs/", drips(attack.over, 10 * size, 100))
        attack.open_get(attack.path(f"blobs/{digest}"))
        time.sleep(0.3)
        begun = time.monotonic()
        answer = attack.ask(attack.path(f"blobs/{digest}", upstream="honest"), address="127.0.0.4")
        seconds = time.monotonic() - begun
        attack.expect_status(answer, 200)
        expect(answer.digest == digest, "wrong bytes")
        expect(seconds < 2, f"a blob of an honest upstream took {seconds:.1f} s")
        head = attack.ask(attack.path(f"blobs/{digest}", upstream="honest"), "HEAD")
        expect_equal("the size by HEAD", str(size), head.headers["Content-Length"])


@attack("S32")
def name_of_an_upstream_in_a_path_changes_nothing_with_ns(attack):
    evil = attack.upstream_name
    wanted = attack.honest.new_blob(3000)
    answer = attack.ask(f"/v2/{evil}/app/blobs/{wanted}?ns=honest")
    attack.expect_status(answer, 200)
    expect(answer.digest == wanted, "wrong bytes")
    expect(("GET", f"/v2/{evil}/app/blobs/{wanted}") in attack.honest.requests, "the name was changed")
    expect_equal("what the other upstream was asked", [], attack.caused)


@attack("S4")
def unknown_upstreams_are_not_reached(attack):
    unknown = attack.closing(Upstream())
    victim = unknown.url.removeprefix("http://")
    paths = [f"/v2/team/app/manifests/v1?ns={ns}" for ns in (victim, "http://" + victim, "unknown.invalid", f"{victim}@honest")]
    paths += [f"/v2/{victim}/team/app/manifests/v1"]
    for path in paths:
        for headers in ({}, {"OCI-Namespace": victim}):
            status = attack.ask(path, **headers).status
            expect(status in (400, 404), f"{path} {headers}: {status}")
    expect_equal("what it was asked", [], unknown.requests)
