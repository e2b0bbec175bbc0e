#!/usr/bin/env python3
"""Forwards connections to a local port at a bounded rate, so that a pull lasts long enough to be interrupted.

usage: throttle.py LISTEN-PORT TARGET-PORT BYTES-PER-SECOND
"""

import socket
import sys
import threading
import time

PART = 1 << 16


def copy(source, target, rate):
    try:
        while part := source.recv(PART):
            target.sendall(part)
            time.sleep(len(part) / rate)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        source.close()
        target.close()


def main():
    listen, target, rate = map(int, sys.argv[1:])
    with socket.create_server(("127.0.0.1", listen)) as server:
        while True:
            client, _ = server.accept()
            upstream = socket.create_connection(("127.0.0.1", target))
            for pair in ((client, upstream), (upstream, client)):
                threading.Thread(target=copy, args=(*pair, rate), daemon=True).start()


if __name__ == "__main__":
    main()
