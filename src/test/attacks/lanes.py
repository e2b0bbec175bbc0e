"""What is asked to keep the ways to the upstreams busy."""

import time

from harness.checks import expect, expect_equal
from harness.contents import MIB, digest_of
from harness.socketget import Get, new_buffer

from attack import attack
from tricks import drips, first, says, where

OTHER = "127.0.0.4"


def dripping(attack, rate, count):
    """Paths of large blobs that come slowly, and never whole. Everything else of this upstream comes at once."""
    attack.upstream.trick = where("/slow/blobs/", drips(attack.over, 1000 * MIB, rate))
    return [attack.path(f"blobs/{digest_of(b'%d' % number)}", "team/slow") for number in range(count)]


def expect_room(attack):
    """Others get small and large blobs, of this upstream and of another, within two seconds."""
    for registry, upstream in ((attack.upstream, None), (attack.honest, "honest")):
        small, large = registry.new_blob(4000), registry.new_large_blob(20 * MIB)
        begun = time.monotonic()
        answer = attack.ask(attack.path(f"blobs/{small}", upstream=upstream), address=OTHER)
        attack.expect_status(answer, 200)
        expect_equal("a small blob", small, answer.digest)
        expect_soon(attack, f"a small blob of {upstream or 'the same'}", begun)
        begun = time.monotonic()
        get = Get(attack.cache.url + attack.path(f"blobs/{large}", upstream=upstream))
        attack.closing(get.socket)
        get.ask()
        while not get.received:
            get.receive(new_buffer())
        expect_soon(attack, f"a large blob of {upstream or 'the same'}", begun)


def expect_soon(attack, what, begun):
    seconds = time.monotonic() - begun
    attack.note(f"{what} after {seconds:.2f} s")
    expect(seconds < 2, f"{what} came after {seconds:.2f} s")


@attack("S26")
def large_blobs_that_nobody_waits_for_hold_no_lane(attack):
    for path in dripping(attack, MIB, attack.either(64, 256)):
        attack.open_get(path).close()
    time.sleep(1)
    expect_room(attack)


@attack("S26")
def clients_of_a_slow_upstream_hold_only_their_share(attack):
    """Here they stay."""
    for path in dripping(attack, 10_000, attack.either(64, 256)):
        attack.open_get(path)
    time.sleep(1)
    expect_room(attack)


@attack("S27")
def one_resource_that_fails_closes_nothing_else(attack):
    wanted = attack.upstream.new_blob(3000)
    attack.upstream.trick = first(where("/broken/", says(500, b"no")), where("last=", says(500, b"no")))
    for _ in range(20):
        attack.try_to_ask(attack.path("tags/list", "team/broken"))
        attack.try_to_ask(attack.path("tags/list?n=5&last=x"))
    answer = attack.ask(attack.path(f"blobs/{wanted}"))
    attack.expect_status(answer, 200)
    expect_equal("the blob", wanted, answer.digest)


@attack("S27")
def control_characters_in_a_query_ask_nobody(attack):
    for value in ("%00", "%0a", "%7f", "a%0d%0ab", "%1b", "%ff"):
        for what in (f"tags/list?last={value}", f"tags/list?n=1&last={value}", f"referrers/{digest_of(b'')}?artifactType={value}"):
            attack.expect_status(attack.ask(attack.path(what)), 400)
    expect_equal("upstream requests", [], attack.caused)
