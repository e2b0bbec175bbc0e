"""Free ports of the loopback interface."""

import contextlib
import random
import socket

# Linux gives outgoing connections the ports above these: one of those could be taken before its server listens.
FIRST, LAST = 10000, 32000
TRIES = 1000


def free_ports(count):
    """So many ports that nobody listens on, no two alike."""
    with contextlib.ExitStack() as held:
        servers = [held.enter_context(_listen()) for _ in range(count)]
        return [server.getsockname()[1] for server in servers]


def free_port():
    return free_ports(1)[0]


def _listen():
    for _ in range(TRIES):
        with contextlib.suppress(OSError):
            return socket.create_server(("127.0.0.1", random.randint(FIRST, LAST)))
    raise OSError(f"no free port between {FIRST} and {LAST}")
