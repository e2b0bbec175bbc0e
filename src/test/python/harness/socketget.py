"""GETs over bare sockets, which cost next to nothing: for measuring, and for very many clients."""

import re
import socket
from urllib.parse import urlsplit

from harness.client import Broken

HEAD_END = b"\r\n\r\n"
# Linux counts the bytes of a TCP socket that this flag throws away, and copies none.
UNREAD = socket.MSG_TRUNC


def new_buffer(size=1 << 20):
    return memoryview(bytearray(size))


class Get:
    """One connection, one GET, of everything or of a range: the first byte and the last."""

    def __init__(self, url, accept="*/*", receive_buffer=0, span=None):
        parts = urlsplit(url)
        self.head = b""
        self.length = None
        self.received = 0
        span_field = f"Range: bytes={span[0]}-{span[1]}\r\n" if span else ""
        self._status = b"HTTP/1.1 206" if span else b"HTTP/1.1 200"
        self._request = (
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: {accept}\r\n{span_field}Connection: close\r\n\r\n".encode()
        )
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(120)
        self.socket.connect((parts.hostname, parts.port))

    def ask(self):
        self.socket.sendall(self._request)

    @property
    def is_whole(self):
        return self.length is not None and self.received >= self.length

    def receive(self, buffer, flags=0):
        """Reads once; gives what it got of the body, which is nothing as long as the head is not whole."""
        received = self.socket.recv_into(buffer, len(buffer), 0 if self.length is None else flags)
        if not received:
            raise Broken(f"an end after {self.received} bytes")
        piece = buffer[:received]
        if self.length is None:
            piece = self._take_head(bytes(piece))
        self.received += len(piece)
        return piece

    def receive_all(self, take=lambda piece: None):
        """Asks, and hands the body over piece by piece, each of which is gone with the next."""
        self.ask()
        buffer = new_buffer()
        while not self.is_whole:
            take(self.receive(buffer))
        self.socket.close()

    def _take_head(self, piece):
        """Takes what came first; gives what of it belongs to the body."""
        self.head += piece
        head, end, rest = self.head.partition(HEAD_END)
        if not end:
            return b""
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        if not head.startswith(self._status) or not length:
            raise Broken(head[:200].decode(errors="replace"))
        self.length = int(length[1])
        return rest
