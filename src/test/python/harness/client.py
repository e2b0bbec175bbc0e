"""Whole answers to HTTP requests."""

import contextlib
import hashlib
import http.client
import json
import socket
from urllib.parse import urlsplit

# What a connection fails with when the other side is gone or breaks off.
TROUBLE = (http.client.HTTPException, OSError)


class Broken(Exception):
    """An answer that ended before its end, or never began, or is not what was asked for."""


class Answer:
    """A whole answer."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def digest(self):
        return "sha256:" + hashlib.sha256(self.body).hexdigest()

    def json(self):
        return json.loads(self.body)


class Connection:
    """A connection that is kept from one request to the next."""

    def __init__(self, url, timeout=60, address=None):
        """`address` is the client's own; without it, the system chooses one."""
        source = (address, 0) if address else None
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=timeout, source_address=source)
        self._socket = None

    def send(self, path, method="GET", body=None, **headers):
        """Asks, and gives the answer with its body still unread. Fails with one of `TROUBLE`."""
        self._connection.request(method, path, body, headers)
        self._socket = self._connection.sock
        return self._connection.getresponse()

    def ask(self, path, method="GET", body=None, **headers):
        """Asks, and reads the answer. Fails with `Broken` where it is not whole."""
        try:
            response = self.send(path, method, body, **headers)
            return Answer(response.status, response.headers, response.read())
        except TROUBLE as e:
            raise Broken(f"{method} {path}: {type(e).__name__}: {e}") from e

    def cut(self):
        """Ends it, also while another thread reads from it."""
        with contextlib.suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)

    def close(self):
        self._connection.close()


def ask(url, path, method="GET", timeout=60, **headers):
    """Asks once, on a connection of its own. Fails with `Broken` where the answer is not whole."""
    with contextlib.closing(Connection(url, timeout)) as connection:
        return connection.ask(path, method, **headers)
