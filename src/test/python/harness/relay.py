"""A relay of connections over a slow or long link, so that a pull lasts long enough to be looked at or interrupted."""

import queue
import socket
import threading
import time
from dataclasses import dataclass, replace

PIECE = 1 << 16


@dataclass(frozen=True)
class Link:
    """What each connection gets: so many bytes a second in each direction, each after so many seconds. 0 is no bound."""

    bytes_per_second: int = 0
    delay: float = 0


class Relay:
    """Relays connections to a local port, each over a link of its own. Tells how many bytes came from there."""

    def __init__(self, target, link, port=0):
        self._target = target
        self._link = link
        self._server = socket.create_server(("127.0.0.1", port), backlog=1024)
        self._lock = threading.Lock()
        self.received = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def start(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def close(self):
        self._server.close()

    def flow_at(self, bytes_per_second):
        """Gives each connection so many bytes a second from now on, also those that there are; 0 is no bound."""
        self._link = replace(self._link, bytes_per_second=bytes_per_second)

    def serve(self):
        """Relays until it is closed."""
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client):
        time.sleep(2 * self._link.delay)  # a handshake goes there and back
        try:
            target = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            client.close()
            return
        threading.Thread(target=self._copy, args=(client, target, lambda size: None), daemon=True).start()
        self._copy(target, client, self._count)

    def _count(self, size):
        with self._lock:
            self.received += size

    def _copy(self, source, target, count):
        late = queue.Queue(256)
        if self._link.delay:
            threading.Thread(target=self._send_late, args=(late, source, target), daemon=True).start()
        try:
            while piece := source.recv(PIECE):
                count(len(piece))
                if self._link.delay:
                    late.put((time.monotonic() + self._link.delay, piece))
                else:
                    target.sendall(piece)
                if self._link.bytes_per_second:
                    time.sleep(len(piece) / self._link.bytes_per_second)
            if self._link.delay:
                late.put((time.monotonic() + self._link.delay, None))
            else:
                target.shutdown(socket.SHUT_WR)
        except OSError:
            late.put((0, None))
            source.close()
            target.close()

    @staticmethod
    def _send_late(pieces, source, target):
        try:
            while True:
                due, piece = pieces.get()
                time.sleep(max(0, due - time.monotonic()))
                if piece is None:
                    return target.shutdown(socket.SHUT_WR)
                target.sendall(piece)
        except OSError:
            source.close()
            target.close()
            while pieces.get()[1] is not None:  # so that the reader never waits for room
                pass
