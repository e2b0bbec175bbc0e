"""Clients: what is sent to the subjects, and how long they take. Every answer is checked for its length."""

import contextlib
import hashlib
import re
import select
import socket
import subprocess
import threading
import time
from urllib.parse import urlsplit

BUFFER = 1 << 20


class Broken(Exception):
    """An answer that is not what was asked for."""


class Client:
    """One connection, one GET; reads the head, then throws the body away."""

    def __init__(self, url, accept="*/*"):
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=120)
        self.socket.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n".encode())
        self.head = b""
        self.length = None
        self.received = 0

    def take_head(self, part):
        """Takes what came first; whatever of it belongs to the body is counted."""
        self.head += part
        head, end, rest = self.head.partition(b"\r\n\r\n")
        if not end:
            return
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        if not head.startswith(b"HTTP/1.1 200") or not length:
            raise Broken(head[:200].decode(errors="replace"))
        self.length = int(length[1])
        self.received = len(rest)

    def read(self, digest=None):
        """Reads all of it; returns the moment of the first byte of the body."""
        while self.length is None:
            self.take_head(self._some(self.socket.recv(65536)))
        if digest:
            digest.update(self.head.partition(b"\r\n\r\n")[2])
        buffer = memoryview(bytearray(BUFFER))
        first = time.monotonic() if self.received else None
        while self.received < self.length:
            n = self._some(self.socket.recv_into(buffer))
            first = first or time.monotonic()
            if digest:
                digest.update(buffer[:n])
            self.received += n
        self.socket.close()
        return first

    @staticmethod
    def _some(what):
        if not what:
            raise Broken("the connection ended too soon")
        return what


def verify(url, digest):
    """Pulls it and compares the digest."""
    hashed = hashlib.sha256()
    Client(url, "application/vnd.oci.image.manifest.v1+json, */*").read(hashed)
    if digest != "sha256:" + hashed.hexdigest():
        raise Broken(f"{url} gave other bytes: {hashed.hexdigest()}")


def pull(url, clients=1):
    """Pulls it as so many clients at once; returns the seconds until the last has it."""
    failures = []

    def one():
        try:
            Client(url).read()
        except (OSError, Broken) as e:
            failures.append(e)

    threads = [threading.Thread(target=one) for _ in range(clients)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise Broken(f"{len(failures)} of {clients} clients failed: {failures[0]!r}")
    return time.monotonic() - begun


def herd(url, clients):
    """As `pull`, in one thread and with bytes that the kernel throws away, so that a thousand cost little."""
    begun = time.monotonic()
    poll = select.epoll()
    waiting = {}
    for _ in range(clients):
        client = Client(url)
        client.socket.setblocking(False)
        waiting[client.socket.fileno()] = client
        poll.register(client.socket, select.EPOLLIN)
    while waiting:
        for number, _ in poll.poll(600):
            client = waiting[number]
            if client.length is None:
                client.take_head(Client._some(client.socket.recv(65536)))
            else:
                client.received += Client._some(_discard(client.socket))
            if client.length is not None and client.received >= client.length:
                poll.unregister(number)
                del waiting[number]
                client.socket.close()
    return time.monotonic() - begun


def _discard(connection):
    """Linux counts the bytes of a TCP socket that MSG_TRUNC throws away, and copies none."""
    return connection.recv_into(_NOWHERE, len(_NOWHERE), socket.MSG_TRUNC)


_NOWHERE = bytearray(4 << 20)


def first_byte(url):
    """The seconds until the first byte of the body; the rest is not read."""
    begun = time.monotonic()
    client = Client(url)
    while client.length is None or client.received == 0:
        part = Client._some(client.socket.recv(4096))
        if client.length is None:
            client.take_head(part)
        else:
            client.received += len(part)
    client.socket.close()
    return time.monotonic() - begun


def wrk(url, connections, seconds, accept="*/*"):
    """Requests a second; any answer but 200 is a failure."""
    told = subprocess.run(
        ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "-H", f"Accept: {accept}", url],
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
        ["skopeo", "copy", "--src-tls-verify=false", "-q", f"docker://127.0.0.1:{server.port}/{repository}:{tag}", f"dir:{folder}"],
        check=True,
        capture_output=True,
    )
    return time.monotonic() - begun


class Throttle:
    """Forwards connections to a port at a bounded rate, so that a fill lasts."""

    def __init__(self, port, rate):
        self.target = port
        self.rate = rate
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.server.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            upstream = socket.create_connection(("127.0.0.1", self.target))
            for pair in ((client, upstream), (upstream, client)):
                threading.Thread(target=self._copy, args=pair, daemon=True).start()

    def _copy(self, source, target):
        try:
            while part := source.recv(65536):
                target.sendall(part)
                time.sleep(len(part) / self.rate)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            source.close()
            target.close()


@contextlib.contextmanager
def in_background(url, head_start):
    """Pulls it in a thread, for so many seconds before the body of the `with` begins; in the end it is waited for."""
    thread = threading.Thread(target=pull, args=(url,))
    thread.start()
    time.sleep(head_start)
    yield
    thread.join()
