"""Where an upstream sends us: realms, redirects, foreign layers."""

import contextlib
import socket
import time

from harness.checks import Skipped, expect, expect_equal
from harness.contents import digest_of, encoded, image_manifest
from harness.upstream import Upstream

from attack import attack
from memory import CONFIG
from stage import PASSWORD
from tricks import Tokens, first, manifest, redirects, says, where

CANARY = b"what only the inside may know"


def own_address():
    """An address of this machine that is not of the loopback interface; there, nothing is sent to learn it."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return probe.getsockname()[0]
    return "127.0.0.1"


@attack("S1")
def realm_elsewhere_gets_no_password(attack):
    thief = attack.closing(Upstream())
    realms = (thief.url + "/token", "http://example.invalid/token", attack.upstream.url.replace("127.0.0.1", "localhost"))
    for number, realm in enumerate(realms):
        tokens = Tokens(attack.upstream, realm)
        stolen = Tokens(thief)
        thief.trick = stolen
        attack.upstream.trick = tokens
        attack.try_to_ask(attack.path("manifests/v1", f"team/app{number}"))
        shown = [it for it in stolen.shown + tokens.shown if it and it.startswith("Basic")]
        expect(not shown, f"the password went to {realm}")


@attack("S2")
def password_and_token_follow_no_redirect(attack):
    thief = attack.closing(Upstream())
    thief.trick = stolen = Tokens(thief)
    tokens = Tokens(attack.upstream)
    attack.upstream.trick = first(tokens, redirects(thief.url + "/v2/team/app/blobs/x"))
    attack.try_to_ask(attack.path(f"blobs/{digest_of(b'a')}"))
    attack.try_to_ask(attack.path("manifests/v1"))
    # It may answer a challenge of the thief with a token that the thief has given.
    expect(stolen.shown and not stolen.shown[0], f"it was shown {stolen.shown}")
    expect(not [shown for shown in stolen.shown if shown and shown.startswith("Basic")], f"it was shown {stolen.shown}")
    expect(tokens.asked, "no token was asked for, so nothing could be stolen")


@attack("S2")
def circles_of_redirects_end(attack):
    attack.upstream.trick = lambda handler: redirects(handler.path)(handler)
    attack.expect_status(attack.ask(attack.path(f"blobs/{digest_of(b'a')}")), 502)
    expect(len(attack.caused) <= 14, f"{len(attack.caused)} requests for one")


@attack("S3")
def urls_of_layers_are_not_followed(attack):
    thief = attack.closing(Upstream())
    digest = digest_of(b"foreign")
    layer = {"mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "digest": digest, "size": 7, "urls": [thief.url]}
    content = encoded(image_manifest(CONFIG, [layer]))
    attack.upstream.trick = where("/manifests/", manifest(content))
    attack.expect_status(attack.ask(attack.path("manifests/v1")), 200)
    attack.expect_status(attack.ask(attack.path(f"blobs/{digest}")), 404)
    expect_equal("what the URL was asked", [], thief.requests)


@attack("S35", options={"insecure": "true"}, host=own_address)
def redirects_do_not_reach_what_is_inside(attack):
    if attack.upstream.url.startswith("http://127."):
        raise Skipped("this machine has only the loopback interface")
    inside = attack.closing(Upstream())
    inside.trick = says(200, CANARY, {"Content-Type": "application/json"})
    port = inside.url.rpartition(":")[2]
    hosts = ["127.0.0.1", "localhost", "127.1", "2130706433", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "127.0.0.9"]
    for number, host in enumerate(hosts):
        expect_refused(attack, f"http://{host}:{port}/inside", number)
    expect_equal("what is inside was asked", [], inside.requests)


@attack("S35")
def redirects_never_reach_private_addresses(attack):
    """Nobody has these addresses, so that nobody is disturbed where one is tried all the same."""
    hosts = ["169.254.77.77", "[fe80::77]", "[::ffff:169.254.77.77]", "2851985741", "10.255.77.77", "192.168.255.77", "[fd00:77::77]"]
    for number, host in enumerate(hosts):
        begun = time.monotonic()
        expect_refused(attack, f"http://{host}:9/inside", number)
        seconds = time.monotonic() - begun
        expect(seconds < 2, f"{host} was tried: {seconds:.1f} s")


def expect_refused(attack, location, number):
    attack.upstream.trick = redirects(location)
    for what in (f"blobs/{digest_of(b'%d' % number)}", f"manifests/v{number}", "tags/list"):
        answer = attack.try_to_ask(attack.path(what, f"team/app{number}"))
        attack.expect_status(answer, 404, 502, 503)
        expect(CANARY not in answer.body, f"{location} was told: {answer.body[:300]}")


@attack("S35")
def text_of_a_foreign_target_is_not_told(attack):
    target = attack.closing(Upstream())
    target.trick = says(403, b'{"errors":[{"code":"DENIED","message":"' + CANARY + b'"}]}', {"Content-Type": "application/json"})
    attack.upstream.trick = redirects(target.url + "/inside")
    for what in (f"blobs/{digest_of(b'a')}", "manifests/v1", "tags/list", f"referrers/{digest_of(b'a')}"):
        answer = attack.ask(attack.path(what))
        expect(answer.status >= 400, f"{what}: {answer.status}")
        expect(CANARY not in answer.body, f"{what} tells {answer.body}")


@attack("S40")
def challenge_gets_no_more_than_a_pull(attack):
    wide = (
        "repository:team/app:pull,push,delete",
        "repository:other/secret:pull",
        "repository:team/app:* repository:other/secret:push",
        "registry:catalog:*",
        "aws",
        "repository:team/app:pull repository:other/secret:pull,push",
    )
    for number, scope in enumerate(wide):
        attack.upstream.trick = tokens = Tokens(attack.upstream, scope=scope)
        repository = "team/app" if number == 0 else f"team/app{number}"
        attack.try_to_ask(attack.path("manifests/v1", repository))
        for query in tokens.asked:
            asked = " ".join(query.get("scope", []))
            actions = {action for part in asked.split() for action in part.rpartition(":")[2].split(",")}
            expect(actions <= {"pull", "metadata_read", "catalog"}, f"asked for {asked!r}")
            expect("other/secret" not in asked, f"asked for {asked!r}")
        expect(PASSWORD not in str(attack.upstream.requests), "the password is in a URL")
