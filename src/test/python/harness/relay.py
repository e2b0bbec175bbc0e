"""A relay of connections at a bounded rate, so that a pull lasts long enough to be looked at or interrupted."""

import socket
import threading
import time

PIECE = 1 << 16


class Relay:
    """Relays connections to a local port, each direction of each at so many bytes a second."""

    def __init__(self, target, bytes_per_second, port=0):
        self._target = target
        self._rate = bytes_per_second
        self._server = socket.create_server(("127.0.0.1", port))

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def start(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def close(self):
        self._server.close()

    def serve(self):
        """Relays until it is closed."""
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            target = socket.create_connection(("127.0.0.1", self._target))
            for pair in ((client, target), (target, client)):
                threading.Thread(target=self._copy, args=pair, daemon=True).start()

    def _copy(self, source, target):
        try:
            while piece := source.recv(PIECE):
                target.sendall(piece)
                time.sleep(len(piece) / self._rate)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            source.close()
            target.close()
