"""Requests that are not what they seem."""

import re

from harness.checks import expect, expect_equal

from attack import attack

TRICKS = """
/v2/..;/metrics /v2/;x/ /v2;x/ /metrics;x /%6detrics /%6Detrics /m%65trics /api;x/stats /api/..;/metrics /api/%2e%2e/metrics
/api/stats;x /api//stats //metrics //api/stats //v2/ /./metrics /v2/../metrics /v2/%2e%2e/metrics /v2/%2e%2e%2fmetrics /v2%2fmetrics
/metrics%00 /metrics%20 /metrics%09 /metrics\\ /v2/..\\metrics /v2/%5c..%5cmetrics /%2fmetrics /metrics/..;/api/stats /api/health;a=b
/v2/team/app/../../../metrics /v2/team%2fapp/manifests/v1 /v2/team/app/manifests/v1;x /v2/team/app/manifests/%76%31 /ui;x /%75i
/api;x/events /api/events;x /ui/..;/api/events /api/%65vents /api//events /api/events%00 /ui/%2e%2e/metrics /ui/..;/metrics /ui//x
/v2/token;x /v2/%74oken /v2//token /v2/token/..;/token/jwks /v2/token/%6awks /api/pins;x /api/prefetch%2f1
""".split()
NAMES = """
/v2/Team/app/manifests/v1 /v2/team/app/blobs/sha256:ABC /v2/team/app/blobs/sha256:abc
/v2/team/app/blobs/md5:d41d8cd98f00b204e9800998ecf8427e
/v2/team/app/manifests/sha256:../../etc/passwd /v2/team/app/blobs/sha256:%00 /v2/team/app/tags/list?n=-1 /v2/team/app/tags/list?n=
/v2/_catalog?n=x /v2/team/app/tags/list?n=1e9
""".split()


@attack("S10, S34")
def path_tricks_are_refused_everywhere(attack):
    wrong = []
    for path in TRICKS:
        if re.match(r"/(v2|api|metrics|ui|%|m%|\.|/)", path):
            head = raw_head(attack, "GET", path)
            if not head.startswith("HTTP/1.1 400"):
                wrong.append(f"{path}: {head[:40]!r}")
    expect(not wrong, f"not refused: {'; '.join(wrong)}")
    expect_equal("upstream requests", [], attack.caused)


@attack("S9, S12")
def malformed_names_ask_nobody(attack):
    for path in NAMES:
        head = raw_head(attack, "GET", path.replace("/team/", f"/{attack.upstream_name}/team/"))
        expect(head.startswith("HTTP/1.1 400"), f"{path}: {head[:60]!r}")
    expect_equal("upstream requests", [], attack.caused)


@attack("S19")
def writes_reach_nobody(attack):
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for what in ("blobs/uploads/", "manifests/v1", "blobs/sha256:" + "0" * 64, "tags/list"):
            answer = attack.ask(attack.path(what), method)
            attack.expect_status(answer, 405)
            expect(answer.headers.get("Allow"), f"{method} {what}: no Allow")
    for method in ("PUT", "DELETE", "PATCH", "POST", "TRACE"):
        for path in ("/api/stats", "/api/health", "/metrics"):
            status = raw_head(attack, method, path)[9:12]
            expect(status in ("400", "403", "404", "405", "501"), f"{method} {path}: {status}")
    expect_equal("upstream requests", [], attack.caused)


@attack("S15")
def odd_ranges_give_right_bytes_or_none(attack):
    digest = attack.upstream.new_blob(100_000)
    content = attack.upstream.blobs[digest]
    path = attack.path(f"blobs/{digest}")
    attack.expect_status(attack.ask(path), 200)
    big = 2**63
    ranges = [f"bytes={big}-", f"bytes=-{big}", f"bytes=0-{2**64}", f"bytes={2**64}-{2**64 + 5}", "bytes=--1", "bytes=5-1", "bytes=0-0,1-1"]
    ranges += ["bytes=" + ",".join(["0-"] * 1000), "bytes=,,,", "bytes= 1 - 2", "octets=0-1"]
    ranges += ["bytes=99999-", "bytes=-1", "bytes=10-19", "bytes=0x10-"]
    for value in ranges:
        answer = attack.ask(path, Range=value)
        attack.expect_status(answer, 200, 206, 416)
        if answer.status == 206:
            begin, end = map(int, re.fullmatch(r"bytes (\d+)-(\d+)/100000", answer.headers["Content-Range"]).groups())
            expect(answer.body == content[begin : end + 1], f"wrong bytes for {value}")
        if answer.status == 200:
            expect(answer.body == content, f"wrong bytes for {value}")


def raw_head(attack, method, path):
    client = attack.open(f"{method} {path} HTTP/1.1\r\nHost: cache\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    head = client.recv(4096).decode(errors="replace")
    client.close()
    return head
