"""The bodies of requests, for servers that are handed whole ones."""

import http.server
import sys

# More than any manifest or chunk that a test pushes.
MAX_BODY = 64 << 20
SECONDS = 60


class Server(http.server.ThreadingHTTPServer):
    """A server of the loopback interface, each connection of which has a thread."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        """A client may leave when it has what it wants."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    """Reads the body of a request, in one piece or in chunks, up to a bound."""

    protocol_version = "HTTP/1.1"
    timeout = SECONDS

    @property
    def is_chunked(self):
        return "chunked" in self.headers.get("Transfer-Encoding", "").lower()

    def body(self):
        """All of it; None where it is too large, and then the connection ends with the answer."""
        body = self._chunks() if self.is_chunked else self._piece(int(self.headers.get("Content-Length") or 0))
        if body is None:
            self.close_connection = True
        return body

    def _piece(self, length):
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

    def log_message(self, *arguments):
        """Requests are counted, not printed."""
