"""A matrix of logins: each way to log in, each client, each outcome. All start at the first check."""

import contextlib
import shutil
import time

import login_clients
from harness.checks import Skipped, expect
from harness.registry import Registry
from login_clients import CLIENTS, Refused
from login_parts import Program, publish
from login_ways import WAYS

# After so many seconds the logins that have failed before count no more.
FORGIVEN_SECONDS = 61


class Matrix:
    """All ways, with one registry behind them and one containerd beside them."""

    def __init__(self, folder):
        self.folder = folder
        self._opened = []
        self._ways = {}

    def checks(self):
        """Each check by its name."""
        by_way = {f"clients_log_in_by_{way.name}": lambda run, name=way.name: self.try_way(run, name) for way in WAYS}
        return by_way | {"expired_tokens_pull_nothing": self.try_expired}

    def ways(self):
        if not self._ways:
            self.folder.mkdir()
            registry = Registry(self.folder / "registry")
            self._opened.append(registry)
            registry.start()
            self.digests = publish(registry.url)
            if shutil.which("containerd"):
                self._opened.append(Containerd(self.folder / "cells/containerd"))
                self._opened[-1].start()
            for way in WAYS:
                self._ways[way.name] = way(self.folder / way.name)
            for way in self._ways.values():
                way.launch(registry.url)
        return self._ways

    def try_way(self, run, name):
        way = self.ways()[name]
        self.begin(way)
        # What was right within a minute goes on when too many were wrong, so the wrong ones come last.
        cells = [(outcome, client) for outcome in way.outcomes for client in CLIENTS if client.__name__ not in way.without]
        absent = set()
        for outcome, client in cells:
            try:
                self.try_cell(way, client, outcome, way.outcomes[outcome])
            except Skipped:
                absent.add(client.__name__)
        way.failed_at = time.monotonic()
        run.note(f"{len(cells) - len(absent) * len(way.outcomes)} cells")
        if absent:
            run.note(f"without {', '.join(sorted(absent))}")

    def try_cell(self, way, client, outcome, login):
        what = f"{client.__name__} by {way.name}, {outcome}"
        try:
            got = client(way.cell(self.cells(client), login))
        except Refused as e:
            expect(outcome != "right", f"{what}: refused: {e}")
            return
        expect(outcome == "right", f"{what}: got it")
        expect(any(part in got for part in self.digests), f"{what}: got something else: {got[:200]}")

    def try_expired(self, run):
        """Of a way by passwords that is our own token; clients fetch another by themselves, so only a request by hand can send it."""
        ways = [way for way in self.ways().values() if not way.skipped]
        for way in ways:
            self.begin(way)
        tried = 0
        for way in ways:
            if way.expired:
                # Who has failed too often is refused for that, and not for a token that has expired.
                time.sleep(max(0, max(way.expired_at, way.failed_at + FORGIVEN_SECONDS) - time.monotonic()))
                for client in CLIENTS if way.expired.user else (login_clients.curl,):
                    with contextlib.suppress(Skipped):
                        self.try_cell(way, client, "expired", way.expired)
                        tried += 1
        run.note(f"{tried} cells")

    def begin(self, way):
        """Waits until it has started, and takes the token that will have expired."""
        way.await_start()
        if way.expired is None:
            way.expired = way.expired_token(self.cells(login_clients.curl))

    def cells(self, client):
        folder = self.folder / "cells" / client.__name__
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def close(self):
        for way in self._ways.values():
            way.close()
        while self._opened:
            self._opened.pop().close()


class Containerd(Program):
    """A containerd for ctr, without what it does for Kubernetes."""

    def __init__(self, folder):
        folder.mkdir(parents=True)
        file = folder / "config.toml"
        file.write_text(
            f'version = 2\nroot = "{folder}/root"\nstate = "{folder}/state"\n'
            'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]\n'
            f'[grpc]\naddress = "{folder}/socket"\n'
        )
        super().__init__(folder, ["containerd", "--config", file, "--log-level", "warn"], None)

    def answers(self):
        return (self.folder / "socket").exists()
