"""Very many clients in one thread, which compare every byte with what it must be."""

import re
import resource
import selectors
import socket
import time

HEAD_END = b"\r\n\r\n"
PIECE = 1 << 18


def allow_descriptors(count):
    """Raises this process's own limit where it is lower, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


class Client:
    """One connection that asks for one blob."""

    def __init__(self, port, path, content, receive_buffer=0):
        self.received = 0
        self.outcome = None
        self.began = self.ended = 0.0
        self._request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        self._content = content
        self._head = b""
        self._whole = False
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(30)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)

    def ask(self):
        self.began = time.monotonic()
        self.socket.sendall(self._request)

    def read(self, buffer):
        """Reads once what is there. Sets the outcome at the end: "right", or what is wrong."""
        try:
            n = self.socket.recv_into(buffer)
        except BlockingIOError:
            return
        except OSError as e:
            self._end(f"{type(e).__name__} after {self.received} bytes")
            return
        piece = buffer[:n]
        if not self._whole:
            piece = self._read_head(bytes(piece))
        if self.outcome is None and len(piece):
            self._compare(piece)
        if n == 0 and self.outcome is None:
            self._end(f"an end after {self.received} bytes")

    def _read_head(self, piece):
        self._head += piece
        if HEAD_END not in self._head:
            return b""
        self._whole = True
        head, rest = self._head.split(HEAD_END, 1)
        if not head.startswith(b"HTTP/1.1 200"):
            self._end(head.split(b"\r\n")[0].decode())
        elif f"Content-Length: {len(self._content)}".encode() not in head:
            self._end(f"a wrong length in {re.sub(rb'[^ -~]+', b' ', head).decode()}")
        return rest

    def _compare(self, piece):
        if not self._content.startswith(piece, self.received):
            self._end(f"wrong bytes after {self.received}")
            return
        self.received += len(piece)
        if self.received == len(self._content):
            self._end("right")

    def _end(self, outcome):
        self.outcome = outcome
        self.ended = time.monotonic()
        self.socket.close()

    def close(self):
        if self.outcome is None:
            self._end("left")

    @property
    def seconds(self):
        return self.ended - self.began


class Herd:
    """Clients that are read from as fast as they get anything, all of them in turn."""

    def __init__(self, clients, sample=lambda: None):
        self.clients = clients
        self._sample = sample
        self._buffer = memoryview(bytearray(PIECE))

    def pull(self, seconds, meanwhile=lambda: None):
        """Lets all ask at once and reads until each has its outcome; returns the seconds it took."""
        began = sampled = time.monotonic()
        with selectors.DefaultSelector() as selector:
            for client in self.clients:
                client.ask()
                selector.register(client.socket, selectors.EVENT_READ, client)
            while selector.get_map():
                now = time.monotonic()
                if now - began > seconds:
                    break
                if now - sampled > 0.5:
                    sampled = now
                    self._sample()
                meanwhile()
                for key, _ in selector.select(0.1):
                    descriptor = key.fileobj.fileno()
                    key.data.read(self._buffer)
                    if key.data.outcome is not None:
                        selector.unregister(descriptor)
        for client in self.clients:
            client.close()
        return time.monotonic() - began

    def outcomes(self):
        """What clients got, and how many of them."""
        counts = {}
        for client in self.clients:
            counts[client.outcome] = counts.get(client.outcome, 0) + 1
        return counts
