"""What shell scripts ask of the library."""

import argparse
import sys
from pathlib import Path
from urllib.parse import urlsplit

from harness import certificate, debian, entrepot, ports, procfs, registry, relay
from harness.checks import Failed, Skipped, expect
from harness.client import Broken, ask
from harness.waiting import wait_until


def main():
    parser = argparse.ArgumentParser(prog="python3 -m harness", description=__doc__)
    commands = parser.add_subparsers(required=True)

    command = add(commands, "ports", print_ports, "prints ports that nobody listens on")
    command.add_argument("count", type=int)

    command = add(commands, "install", install, "installs from Debian what is not here yet")
    command.add_argument("pairs", nargs="+", metavar="PACKAGE:COMMAND")

    command = add(commands, "certificate", write_certificate, "writes a certificate and its key as PEM files")
    command.add_argument("key", type=Path)
    command.add_argument("certificate", type=Path)

    command = add(commands, "await", await_answer, "waits until a server answers, and fails when it does not in time or its process ends")
    command.add_argument("seconds", type=int)
    command.add_argument("url")
    command.add_argument("--status", type=int, help="any, where none is given")
    command.add_argument("--pid", type=int)

    command = add(commands, "relay", run_relay, "relays connections to a local port at a bounded rate, until it is killed")
    command.add_argument("port", type=int)
    command.add_argument("target", type=int)
    command.add_argument("bytes_per_second", type=int)

    command = add_server(commands, "registry", become_registry, "becomes a docker-registry")
    command.add_argument("more", nargs="*", metavar="LINE", help="of its configuration")

    command = add_server(commands, "tomcat", become_tomcat, "becomes an Entrepot in Tomcat")
    command.add_argument("--tls-port", type=int, required=True)

    options = parser.parse_args()
    try:
        options.run(options)
    except (Failed, Skipped) as e:
        sys.exit(str(e))


def add(commands, name, run, what):
    command = commands.add_parser(name, help=what, description=what)
    command.set_defaults(run=run)
    return command


def add_server(commands, name, run, what):
    command = add(commands, name, run, what)
    command.add_argument("--folder", type=Path, required=True, help="of its configuration")
    command.add_argument("--data", type=Path, required=True, help="the folder it stores in")
    command.add_argument("--port", type=int, required=True)
    command.add_argument("--upstream")
    return command


def print_ports(options):
    print(*ports.free_ports(options.count))


def install(options):
    debian.install_missing(options.pairs)


def write_certificate(options):
    certificate.write_certificate(options.key, options.certificate)


def await_answer(options):
    def has_ended():
        return options.pid is not None and not procfs.is_alive(options.pid)

    wait_until(options.seconds, f"an answer of {options.url}", lambda: answers(options) or has_ended())
    expect(not has_ended(), "its process has ended")


def answers(options):
    try:
        status = ask(options.url, urlsplit(options.url).path, timeout=2).status
    except Broken:
        return False
    return options.status in (None, status)


def run_relay(options):
    relay.Relay(options.target, relay.Link(options.bytes_per_second), options.port).serve()


def become_registry(options):
    registry.Registry(options.folder, options.upstream, more=options.more, data=options.data, port=options.port).become()


def become_tomcat(options):
    server = entrepot.Tomcat(options.folder, options.upstream, tls_port=options.tls_port, data=options.data, port=options.port)
    server.become()


if __name__ == "__main__":
    main()
