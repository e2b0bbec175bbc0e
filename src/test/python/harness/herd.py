"""Very many clients in one thread."""

import collections
import resource
import selectors
import time

from harness.client import Broken
from harness.socketget import UNREAD, Get, new_buffer


def allow_descriptors(count):
    """Raises this process's own limit where it is lower, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


class Client(Get):
    """A GET that ends with an outcome: "right", or what is wrong.

    Every byte is compared with the content; without one, the kernel throws the bytes away and only their number counts.
    """

    def __init__(self, url, content=None, receive_buffer=0):
        super().__init__(url, receive_buffer=receive_buffer)
        self.outcome = None
        self._content = content
        self.socket.setblocking(False)

    def read(self, buffer):
        """Reads once what is there."""
        try:
            piece = self.receive(buffer, UNREAD if self._content is None else 0)
        except BlockingIOError:
            return
        except (Broken, OSError) as e:
            self._end(f"{type(e).__name__} after {self.received} bytes: {e}")
            return
        if self._content is not None and (wrong := self._wrong(piece)):
            self._end(wrong)
        elif self.is_whole:
            self._end("right")

    def _wrong(self, piece):
        before = self.received - len(piece)
        if self.length not in (None, len(self._content)):
            return f"a length of {self.length}"
        return "" if self._content.startswith(piece, before) else f"wrong bytes after {before}"

    def _end(self, outcome):
        self.outcome = outcome
        self.socket.close()

    def close(self):
        if self.outcome is None:
            self._end("left")


class Herd:
    """Clients that are read from as fast as they get anything, all of them in turn."""

    def __init__(self, clients, sample=lambda: None, piece=1 << 18):
        self.clients = clients
        self._sample = sample
        self._buffer = new_buffer(piece)

    def pull(self, seconds):
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
                for key, _ in selector.select(0.1):
                    key.data.read(self._buffer)
                    if key.data.outcome is not None:
                        selector.unregister(key.fd)
        for client in self.clients:
            client.close()
        return time.monotonic() - began

    def outcomes(self):
        """What clients got, and how many of them."""
        return dict(collections.Counter(client.outcome for client in self.clients))
