"""HTTP servers in this process, for what a server of its own would be too much for."""

import http.server
import sys
import threading

# More than any manifest or chunk that a test pushes.
MAX_BODY = 64 << 20
SECONDS = 60


class LocalServer(http.server.ThreadingHTTPServer):
    """A server, of the loopback interface unless another host is given. Each connection has a thread.

    It serves from the beginning until it is closed.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, handler, host="127.0.0.1"):
        super().__init__((host, 0), handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return "http://{}:{}".format(*self.server_address)

    def handle_error(self, request, client_address):
        """A client that leaves in the middle is nothing to report."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    """Handles the requests of one connection, and prints none."""

    protocol_version = "HTTP/1.1"
    timeout = SECONDS
    # As registries do. Otherwise the body waits 40 ms behind the head wherever a connection is used again.
    disable_nagle_algorithm = True

    @property
    def is_chunked(self):
        return "chunked" in self.headers.get("Transfer-Encoding", "").lower()

    def body(self):
        """The whole body of the request; None where it is too large, and then the connection ends with the answer."""
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
