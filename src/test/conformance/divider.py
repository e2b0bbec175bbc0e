"""A registry in two parts: it sends reads to a cache, and all else to the registry behind that cache."""

import contextlib
import http.client
import threading
from urllib.parse import urlsplit

from harness.local import SECONDS, Handler, LocalServer

PIECE = 1 << 16
# These are about one connection, and so are not passed on.
OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "host", "te", "upgrade"}


class Divider(LocalServer):
    """Serves what two other servers answer. Thread-safe."""

    def __init__(self, cache, registry):
        self._cache = cache
        self._registry = registry
        self._reads = []
        self._lock = threading.Lock()
        super().__init__(_Handler)

    def target(self, method, path):
        """Who answers. The state of an upload is asked for by GET, and only the registry knows it."""
        is_read = method in ("GET", "HEAD") and "/blobs/uploads/" not in path
        return self._cache if is_read else self._registry

    def note(self, method, path, status, headers):
        """Remembers who said to have answered a read."""
        if self.target(method, path) == self._cache:
            with self._lock:
                self._reads.append((method, path, status, headers.get("Cache-Status", "")))

    def reads(self):
        """Each read, as its method, path, status and Cache-Status."""
        with self._lock:
            return list(self._reads)


class _Handler(Handler):
    def divide(self):
        target = self.server.target(self.command, self.path)
        body = self.body()
        if body is None:
            self.send_error(413)
            return
        connection = http.client.HTTPConnection(urlsplit(target).netloc, timeout=SECONDS)
        with contextlib.closing(connection):
            self._ask(connection, body)
            answer = connection.getresponse()
            self.server.note(self.command, self.path, answer.status, answer.headers)
            self._answer(answer, target)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = divide

    def _ask(self, connection, body):
        """Sends the request on, in chunks where it came in chunks."""
        connection.putrequest(self.command, self.path, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in OF_A_CONNECTION:
                connection.putheader(name, value)
        if self.is_chunked:
            connection.putheader("Transfer-Encoding", "chunked")
            connection.endheaders(iter([body] if body else []), encode_chunked=True)
        else:
            connection.endheaders(body)

    def _answer(self, answer, target):
        is_chunked = answer.chunked and self.command != "HEAD"
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.headers.items():
            if name.lower() not in OF_A_CONNECTION:
                self.send_header(name, self._here(value, target) if name.lower() == "location" else value)
        if is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._copy(answer, is_chunked)

    def _here(self, location, target):
        """Where the registry leads back to itself, the client is led back to here."""
        return self.server.url + location.removeprefix(target) if location.startswith(target + "/") else location

    def _copy(self, answer, is_chunked):
        try:
            while piece := answer.read(PIECE):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece)
        except http.client.IncompleteRead:
            self.close_connection = True
            return
        if is_chunked:
            self.wfile.write(b"0\r\n\r\n")
        # What has no length, or was cut short, ends with the connection.
        elif answer.length != 0:
            self.close_connection = True
