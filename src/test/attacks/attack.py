"""Attacks: what each one is given, how it is judged, and what is printed of it."""

import concurrent.futures
import dataclasses
import functools
import socket
import threading
import time
from typing import Callable
from urllib.parse import urlsplit

from harness import checks
from harness.checks import Failed, Run, Skipped, expect
from harness.client import Broken, Connection
from harness.contents import MIB
from harness.herd import allow_descriptors
from harness.upstream import Upstream

from known import KNOWN
from stage import Stage

ATTACKS = []
PLACES = ("war", "tomcat")
WORST_SECONDS = 2.0
# Of 128 MiB. What is left is needed for the next request.
MOST_HEAP = 96 * MIB
# The neighbour has another one, so that a limit for each address does not hit it.
ADDRESS = "127.0.0.3"


@dataclasses.dataclass
class Declared:
    """An attack as it is declared: a function of an `Attack`, and the rows of threats that it causes."""

    function: Callable
    rows: str
    places: tuple = PLACES
    options: dict = dataclasses.field(default_factory=dict)
    host: Callable = lambda: "127.0.0.1"

    @property
    def name(self):
        return self.function.__name__

    def new_upstream(self):
        return Upstream(host=self.host())


def attack(rows, **more):
    """Makes a function one of the attacks, in the order of the source. `options` are settings of its upstream, without their beginning."""

    def declare(function):
        ATTACKS.append(Declared(function, rows, **more))
        return function

    return declare


class Attack(Run):
    """One attack under way. Its upstream is evil where it sets a trick, and honest otherwise."""

    def __init__(self, folder, is_long, stage, name):
        super().__init__(folder, is_long)
        self.stage = stage
        self.cache = stage.server
        self.honest = stage.honest
        self.upstream = stage.upstreams[name]
        self.upstream_name = stage.name_of(name)
        self.over = threading.Event()
        self.asked = 0

    @property
    def caused(self):
        """What its upstream was asked: methods and paths. The question with which the cache starts is not counted."""
        return [request for request in self.upstream.requests if request[1] != "/v2/"]

    def path(self, what, repository="team/app", upstream=None):
        """The path of a content, by the name of its upstream: `path("blobs/sha256:…")`."""
        return f"/v2/{upstream or self.upstream_name}/{repository}/{what}"

    def ask(self, path, method="GET", timeout=10, address=ADDRESS, **headers):
        """Asks once. Fails with `Broken` where the answer is not whole in time, also where it comes byte by byte."""
        self.asked += 1
        connection = Connection(self.cache.url, timeout, address)
        deadline = threading.Timer(timeout, connection.cut)
        deadline.start()
        try:
            return connection.ask(path, method, **headers)
        finally:
            deadline.cancel()
            connection.close()

    def try_to_ask(self, path, **more):
        """The same, but None where there is no whole answer."""
        try:
            return self.ask(path, **more)
        except Broken:
            return None

    def ask_all(self, paths, threads=8, **more):
        """Asks for many at once; gives the answers in the order of the paths, None where there was none."""
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            return list(pool.map(lambda path: self.try_to_ask(path, **more), paths))

    def open(self, text, address=ADDRESS, receive_buffer=4096):
        """A connection that has sent this text and reads nothing. It is closed after the attack."""
        allow_descriptors(8192)
        parts = urlsplit(self.cache.url)
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(5)
        client.bind((address, 0))
        self.closing(client)
        client.connect((parts.hostname, parts.port))
        client.sendall(text.encode())
        self.asked += 1
        return client

    def open_get(self, path, **more):
        return self.open(f"GET {path} HTTP/1.1\r\nHost: cache\r\n\r\n", **more)

    def expect_status(self, answer, *statuses):
        got = None if answer is None else answer.status
        expect(got in statuses, f"wanted {statuses}, got {got} {'' if answer is None else answer.body[:300]}")


@dataclasses.dataclass
class Trial:
    """An attack in one place."""

    declared: Declared
    place: str

    @property
    def name(self):
        return f"{self.declared.name}@{self.place}"

    @property
    def names(self):
        return (self.declared.name, self.name)


class Attacks:
    """A run of attacks: first all in one place, then all in the other."""

    def __init__(self, folder, is_long, keep):
        self._folder = folder
        self._is_long = is_long
        self._keep = keep
        self._stage = None
        self._chosen = []
        self.figures = {}

    def chosen(self, names):
        trials = [Trial(declared, place) for place in PLACES for declared in ATTACKS if place in declared.places]
        return [trial for trial in trials if not names or set(names) & set(trial.names)]

    def run(self, chosen):
        self._chosen = chosen
        trials = [(trial.name, functools.partial(self._attempt, trial)) for trial in chosen]
        return checks.run_all(trials, self._new_run, self._keep)

    def _new_run(self):
        folder = self._folder / f"run{time.monotonic_ns()}"
        folder.mkdir()
        return Run(folder, self._is_long)

    def _attempt(self, trial, run):
        reason = KNOWN.get(trial.name) or KNOWN.get(trial.declared.name)
        try:
            self._make(run, trial)
        except (Failed, Broken) as e:
            if reason:
                raise Skipped(f"known, {reason}: {e}") from e
            raise
        if reason:
            run.note("no longer known to succeed: take it from known.py")

    def _make(self, run, trial):
        stage = self._ready_stage(trial.place)
        attack = Attack(run.folder, run.is_long, stage, trial.declared.name)
        log_before = len(stage.server.log())
        stage.neighbour.begin(stage.server.url)
        try:
            trial.declared.function(attack)
        finally:
            seen = stage.neighbour.end()
            attack.over.set()
            attack.upstream.trick = lambda handler: False
            attack.close()
        run.notes += self._figures(attack, seen) + attack.notes
        figures = {"worst": seen["worst"], "asked": attack.asked, "caused": len(attack.caused)}
        self.figures.setdefault((trial.declared.name, trial.declared.rows), {})[trial.place] = figures
        expect("OutOfMemoryError" not in stage.server.log()[log_before:], "it ran out of memory")
        expect(not seen["wrong"], f"the neighbour got: {'; '.join(seen['wrong'])}")
        expect(seen["worst"] <= WORST_SECONDS, f"the neighbour waited {seen['worst']:.2f} s")
        figures["heap"] = heap = stage.server.heap_below(MOST_HEAP)
        run.note(f"{heap // MIB} MiB of heap after")
        expect(heap < MOST_HEAP, f"{heap // MIB} MiB of heap are in use afterwards")

    def table(self):
        """The figures of all attacks as Markdown: of `java -jar`, then of Tomcat."""
        yield "| attack | rows | neighbour at worst, s | heap after, MiB | upstream requests for each |"
        yield "|---|---|---|---|---|"
        for (name, rows), places in self.figures.items():
            both = [places[place] for place in PLACES if place in places]
            worst = ", ".join(f"{figures['worst']:.2f}" for figures in both)
            heap = ", ".join(str(figures["heap"] // MIB) if "heap" in figures else "–" for figures in both)
            caused = ", ".join(f"{figures['caused'] / figures['asked']:.2f}" if figures["asked"] else "–" for figures in both)
            yield f"| `{name}` | {rows} | {worst} | {heap} | {caused} |"

    def _figures(self, attack, seen):
        figures = [f"neighbour: {seen['worst']:.2f} s at worst of {seen['pulls']} pulls"]
        if attack.asked:
            figures.append(f"{len(attack.caused) / attack.asked:.2f} upstream requests for each of {attack.asked}")
        return figures

    def _ready_stage(self, place):
        if self._stage is not None and self._stage.place != place:
            self._close_stage()
        if self._stage is None:
            self._stage = Stage(place, self._folder, [trial.declared for trial in self._chosen if trial.place == place])
        self._stage.ensure_well()
        return self._stage

    def _close_stage(self):
        self._stage.close()
        self._stage = None

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        if self._stage is not None:
            self._close_stage()
        if self._keep:
            print(f"left in {self._folder}")
        else:
            checks.remove(self._folder)
