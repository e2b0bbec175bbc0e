"""What is for people who look after the cache: the administrative API, its events, its prefetches."""

import contextlib
import json
import time
from urllib.parse import urlsplit

from harness.checks import expect, expect_equal
from harness.waiting import wait_until

from attack import attack
from clients import SECONDS
from tricks import drips, where

MANY = 100_000
LARGE = 10_000_000
# Each is for a field that is known, so that it is read as far as it can be.
BOMBS = {
    "deep lists": b'{"pattern":' + b"[" * MANY,
    "deep objects": b'{"pattern":' * MANY,
    "a large number": b'{"pattern":1' + b"0" * LARGE + b"}",
    "a large exponent": b'{"pattern":1e999999999}',
    "one field again and again": b"{" + b'"pattern":"a",' * MANY + b'"pattern":"a"}',
    "very many fields": b"{" + b",".join(b'"f%d":1' % number for number in range(MANY)) + b"}",
    "very many entries": b'{"platforms":[' + b'"a/b",' * MANY + b'"a/b"]}',
    "a long text": b'{"reference":"' + b"a" * LARGE + b'"}',
    "a long name": b'{"' + b"a" * LARGE + b'":1}',
    "nothing but spaces": b" " * LARGE,
    "escapes": b'{"pattern":"' + b"\\u0041" * MANY + b'"}',
}
PATHS = ("/api/pins", "/api/prefetch", "/api/upstreams/none/rest")


def status_of(attack, path, body):
    """The status of a POST; "cut" where the server ends the connection instead of reading all. Without rules, only this machine may."""
    host = f"Host: {urlsplit(attack.cache.url).netloc}\r\n"
    client = attack.open(f"POST {path} HTTP/1.1\r\n{host}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")
    try:
        with contextlib.suppress(OSError):
            client.sendall(body)
        return client.recv(15)[9:12].decode() or "cut"
    except OSError:
        return "cut"
    finally:
        client.close()


def first_answer(attack):
    """The first answer of the administrative API loads many classes, which is not what is attacked."""
    return attack.ask("/api/pins", timeout=60)


@attack("S12, S24")
def bodies_of_the_api_leave_the_heap_alone(attack):
    pins = first_answer(attack).body
    for what, body in BOMBS.items():
        for path in PATHS:
            status = status_of(attack, path, body)
            wanted = ("400", "404") if len(body) < 16 << 10 else ("400", "404", "413", "cut")
            expect(status in wanted, f"{what} to {path}: {status}")
    expect_equal("the pins", pins, attack.ask("/api/pins").body)
    expect_equal("upstream requests", [], attack.caused)


@attack("S25, S41")
def readers_of_events_that_read_nothing_hold_nothing(attack):
    first_answer(attack)
    for number in range(64):
        attack.open_get("/api/events", address=f"127.0.0.{20 + number % 8}")
    # While the server answers these, most of them by a refusal, it may send so many answers that others wait.
    wait_until(10, "an answer", lambda: attack.ask("/api/stats").status == 200)
    for _ in range(SECONDS):
        attack.expect_status(attack.ask("/api/stats"), 200)
        attack.expect_status(attack.ask("/ui/"), 200)
        time.sleep(1)
    attack.expect_status(attack.ask("/api/events", "HEAD"), 200)


@attack("S26")
def prefetches_that_never_end_stop_nobody(attack):
    attack.upstream.trick = where("/manifests/", drips(attack.over, 1_000_000, 1000))
    statuses = []
    for number in range(150):
        wish = {"reference": f"{attack.upstream_name}/team/app:v{number}"}
        statuses.append(status_of(attack, "/api/prefetch", json.dumps(wish).encode()))
    time.sleep(SECONDS)
    attack.note(f"{statuses.count('409')} of {len(statuses)} were refused")
    expect(set(statuses) <= {"201", "202", "409"}, f"wanted 201, 202 or 409: {set(statuses)}")
    expect("409" in statuses, "any number may wait")
