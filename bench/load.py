"""Clients: what is sent to the subjects, and how long they take. Every answer is checked for its length."""

import contextlib
import functools
import hashlib
import itertools
import re
import subprocess
import time

from harness.client import Broken
from harness.contents import MANIFEST
from harness.herd import Client, Herd
from harness.socketget import Get, new_buffer
from harness.waiting import running


def verify(url, digest):
    """Pulls it and compares the digest."""
    hashed = hashlib.sha256()
    Get(url, f"{MANIFEST}, */*").receive_all(hashed.update)
    if digest != "sha256:" + hashed.hexdigest():
        raise Broken(f"{url} gave other bytes: {hashed.hexdigest()}")


def pull(url, clients=1):
    """Pulls it as so many clients at once; returns the seconds until the last has it."""
    return at_once([lambda: Get(url)] * clients)


def pull_ranges(url, size, clients, parts):
    """As `pull`, but each client asks for so many equal ranges at once."""
    edges = [size * i // parts for i in range(parts + 1)]
    spans = [(first, end - 1) for first, end in itertools.pairwise(edges)]
    return at_once([lambda span=span: Get(url, span=span) for span in spans] * clients)


def at_once(gets):
    """Sends all of these requests at once; returns the seconds until the last has its answer."""
    failures = []

    def one(get):
        try:
            get().receive_all()
        except (OSError, Broken) as e:
            failures.append(e)

    begun = time.monotonic()
    with running(*[functools.partial(one, get) for get in gets]):
        pass
    if failures:
        raise Broken(f"{len(failures)} of {len(gets)} requests failed: {failures[0]!r}")
    return time.monotonic() - begun


def herd(url, clients):
    """As `pull`, in one thread and with bytes that the kernel throws away, so that a thousand cost little."""
    begun = time.monotonic()
    pulling = Herd([Client(url) for _ in range(clients)], piece=4 << 20)
    pulling.pull(600)
    if pulling.outcomes() != {"right": clients}:
        raise Broken(f"clients of {url} got {pulling.outcomes()}")
    return time.monotonic() - begun


def first_byte(url):
    """The seconds until the first byte of the body; the rest is not read."""
    begun = time.monotonic()
    get = Get(url)
    get.ask()
    buffer = new_buffer(4096)
    while not get.received:
        get.receive(buffer)
    get.socket.close()
    return time.monotonic() - begun


def wrk(url, connections, seconds, accept="*/*", authorization=None):
    """Requests a second; any answer but 200 is a failure."""
    login = ["-H", f"Authorization: {authorization}"] if authorization else []
    told = subprocess.run(
        ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "-H", f"Accept: {accept}", *login, url],
        capture_output=True,
        text=True,
        check=True,
        timeout=10 * seconds + 30,
    ).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise Broken(told)
    return float(re.search(r"Requests/sec: +([\d.]+)", told)[1])


def skopeo(server, repository, tag, folder):
    """Pulls an image into a folder; returns the seconds."""
    begun = time.monotonic()
    subprocess.run(
        ["skopeo", "copy", "--src-tls-verify=false", "-q", f"docker://{server.url.removeprefix('http://')}/{repository}:{tag}", f"dir:{folder}"],
        check=True,
        capture_output=True,
    )
    return time.monotonic() - begun


@contextlib.contextmanager
def in_background(url, head_start):
    """Pulls it in a thread, for so many seconds before the body of the `with` begins; in the end it is waited for."""
    with running(lambda: pull(url)):
        time.sleep(head_start)
        yield
