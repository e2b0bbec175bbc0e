"""A registry in two parts: it sends reads to a cache, and all else to the registry behind that cache."""

import contextlib
import http.client
import http.server
import threading
from urllib.parse import urlsplit

# More than any manifest or chunk that a test pushes.
MAX_BODY = 64 << 20
PIECE = 1 << 16
SECONDS = 60
# These are about one connection, and so are not passed on.
OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "host", "te", "upgrade"}


class Divider:
    """Serves on the loopback interface what two other servers answer. Thread-safe."""

    def __init__(self, cache, registry):
        self.cache = cache
        self.registry = registry
        self._reads = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.divider = self
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def target(self, method, path):
        """Who answers. The state of an upload is asked for by GET, and only the registry knows it."""
        is_read = method in ("GET", "HEAD") and "/blobs/uploads/" not in path
        return self.cache if is_read else self.registry

    def note(self, method, path, status, headers):
        """Remembers who said to have answered a read."""
        if self.target(method, path) == self.cache:
            with self._lock:
                self._reads.append((method, path, status, headers.get("Cache-Status", "")))

    def reads(self):
        """Each read, as its method, path, status and Cache-Status."""
        with self._lock:
            return list(self._reads)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SECONDS

    def divide(self):
        divider = self.server.divider
        target = divider.target(self.command, self.path)
        body = self._body()
        if body is None:
            self.close_connection = True
            self.send_error(413)
            return
        connection = http.client.HTTPConnection(urlsplit(target).netloc, timeout=SECONDS)
        with contextlib.closing(connection):
            self._ask(connection, body)
            answer = connection.getresponse()
            divider.note(self.command, self.path, answer.status, answer.headers)
            self._answer(answer, target)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = divide

    def _body(self):
        """The body of the request: empty where it has none, None where it is too large."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if length <= MAX_BODY else None

    def _chunks(self):
        body = bytearray()
        while size := int(self.rfile.readline(1024).split(b";")[0], 16):
            if len(body) + size > MAX_BODY:
                return None
            body += self.rfile.read(size)
            self.rfile.readline(1024)
        while self.rfile.readline(1024).strip():
            pass
        return bytes(body)

    def _ask(self, connection, body):
        """Sends the request on, in chunks where it came in chunks."""
        connection.putrequest(self.command, self.path, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in OF_A_CONNECTION:
                connection.putheader(name, value)
        is_chunked = "Transfer-Encoding" in self.headers
        if is_chunked:
            connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders(iter([body] if body else []) if is_chunked else body, encode_chunked=is_chunked)

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
        return self.server.divider.url + location.removeprefix(target) if location.startswith(target + "/") else location

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

    def log_message(self, *arguments):
        """Requests are counted, not printed."""
