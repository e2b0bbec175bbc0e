"""Clients that do not read, do not finish what they say, or are very many."""

import contextlib
import time

from harness.contents import digest_of, encoded, image_manifest
from harness.checks import expect
from harness.waiting import wait_until

from attack import attack
from memory import CONFIG, LARGEST
from tricks import drips, first, manifest, says, where

# As long as a neighbour is watched while nothing moves.
SECONDS = 5
# One for each servlet, and one for a file that is not there.
BODIES = (
    "POST /v2/team/app/blobs/uploads/",
    "GET /v2/",
    "POST /v2/token",
    "POST /api/drain",
    "PUT /api/pins",
    "POST /ui/",
    "POST /metrics",
    "POST /none",
)


def large_manifest():
    """A valid one, almost as large as one may be."""
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:" + "1" * 64, "size": 1}
    return encoded(image_manifest(CONFIG, [layer] * (LARGEST // (len(encoded(layer)) + 2))))


@attack("S25")
def readers_that_read_nothing_hold_no_thread(attack):
    content = large_manifest()
    tags = encoded({"name": "team/app", "tags": [f"{number:0100d}" for number in range(30_000)]})
    attack.upstream.trick = first(
        where("/manifests/", manifest(content)), where("/tags/list", says(200, tags, {"Content-Type": "application/json"}))
    )
    path = attack.path(f"manifests/{digest_of(content)}")
    answer = attack.ask(path)
    attack.expect_status(answer, 200)
    expect(answer.body == content, "wrong bytes")
    attack.ask(attack.path("tags/list"))
    count = attack.either(24, 400)
    for number in range(count):
        attack.open_get(path, address=f"127.0.0.{10 + number % 8}")
        attack.open_get(attack.path("tags/list"), address=f"127.0.0.{10 + number % 8}")
        attack.open_get("/api/stats", address=f"127.0.0.{10 + number % 8}")
    time.sleep(attack.either(SECONDS, 60))


@attack("S37")
def heads_that_never_end_stop_nobody(attack):
    """From several addresses, so that a bound for each of them is not all that helps."""
    clients = []
    with contextlib.suppress(OSError):
        for number in range(1040):
            clients.append(attack.open("GET /v2/ HTTP/1.1\r\nHost: cache\r\nX-Slow: ", address=f"127.0.0.{20 + number % 8}"))
    for _ in range(attack.either(SECONDS, 60)):
        for client in clients:
            with contextlib.suppress(OSError):
                client.send(b"a")
        time.sleep(1)
    attack.note(f"{len(clients)} connections")


@attack("S37")
def heads_that_never_end_are_cut(attack):
    """There is a deadline for the whole head; each byte starts the timeout of Tomcat itself anew."""
    client = attack.open("GET /v2/ HTTP/1.1\r\nHost: cache\r\nX-Slow: ")
    client.settimeout(0.1)

    def is_cut():
        try:
            client.send(b"a")
            return client.recv(4096) is not None
        except TimeoutError:
            return False
        except OSError:
            return True

    begun = time.monotonic()
    wait_until(25, "the end of the connection", is_cut, every=1)
    attack.note(f"cut after {time.monotonic() - begun:.0f} s")


@attack("S37, S41")
def one_address_has_not_all_connections(attack):
    """Those of it that ask nothing make room for one of its own that asks."""
    address = "127.0.0.40"
    clients = [attack.open("", address=address) for _ in range(1100)]
    time.sleep(1.5)  # until then each may be about to ask
    asking = attack.open_get("/v2/", address=address)
    wait_until(5, "the answer to one more", lambda: outcome(asking) == "200", every=0.1)
    outcomes = [outcome(client) for client in clients]
    lost = outcomes.count("429") + outcomes.count("cut")
    attack.note(f"{lost} of {len(clients)} were closed")
    expect(lost > 1100 - 1024, "one address may have more connections than http.maxperclient")


@attack("S25, S37")
def bodies_that_never_end_stop_nobody(attack):
    """Bodies that nobody reads, on every servlet. From several addresses, more than the server has threads."""
    clients = []
    with contextlib.suppress(OSError):
        for number in range(240):
            head = f"{BODIES[number % len(BODIES)]} HTTP/1.1\r\nHost: cache\r\nContent-Length: 1000\r\n\r\n"
            clients.append(attack.open(head, address=f"127.0.0.{20 + number % 8}"))
    for _ in range(attack.either(SECONDS, 60)):
        for client in clients:
            with contextlib.suppress(OSError):
                client.send(b"a")
        time.sleep(1)
    attack.note(f"{len(clients)} connections")


@attack("S25, S37")
def chunks_that_never_begin_stop_nobody(attack):
    """Bodies in chunks whose first line never ends, on every servlet."""
    clients = []
    with contextlib.suppress(OSError):
        for number in range(240):
            head = f"{BODIES[number % len(BODIES)]} HTTP/1.1\r\nHost: cache\r\nTransfer-Encoding: chunked\r\n\r\n1"
            clients.append(attack.open(head, address=f"127.0.0.{20 + number % 8}"))
    for _ in range(attack.either(SECONDS, 60)):
        for client in clients:
            with contextlib.suppress(OSError):
                client.send(b"0")
        time.sleep(1)
    attack.note(f"{len(clients)} connections")


@attack("S41, S14")
def one_address_has_only_its_share(attack):
    """All wait for one manifest: so many waiting clients of a blob would fill a heap of 128 MiB by themselves (F15)."""
    attack.upstream.trick = where("/manifests/slow", drips(attack.over, 1_000_000, 1000))
    clients = [attack.open_get(attack.path("manifests/slow")) for _ in range(1100)]
    time.sleep(attack.either(SECONDS, 60))
    outcomes = [outcome(client) for client in clients]
    attack.note(f"{outcomes.count('429')} of {len(clients)} got 429, {outcomes.count('cut')} were cut")
    expect(set(outcomes) & {"429", "cut"}, "one address may have 1100 requests at once")
    for client in clients:
        client.close()


def outcome(client):
    """The status that it got, or "cut", or "waits"."""
    client.settimeout(0.01)
    try:
        head = client.recv(15)
    except TimeoutError:
        return "waits"
    except OSError:
        return "cut"
    return head[9:12].decode() or "cut"
