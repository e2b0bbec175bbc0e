"""Free ports of the loopback interface."""

import contextlib
import socket


def free_ports(count):
    """So many ports that nobody listens on, no two alike."""
    with contextlib.ExitStack() as held:
        servers = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [server.getsockname()[1] for server in servers]


def free_port():
    return free_ports(1)[0]
