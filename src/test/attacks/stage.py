"""The cache that is attacked: a server in a process of its own, its upstreams, and a neighbour that pulls."""

import contextlib
import itertools

from harness.client import Broken
from harness.entrepot import Executable, Tomcat
from harness.ports import free_port
from harness.upstream import Upstream

from neighbour import Neighbour

HEAP = "128m"
USER = "robot"
# With characters that other forms of it must escape.
PASSWORD = "kJ8+canary/ä&7Wq"
# The first compiler alone starts fastest, and what is measured is who waits, not how fast a hit is.
JAVA = ["-XX:TieredStopAtLevel=1"]


class Stage:
    """One server for all attacks in one place. It is started anew where an attack has left it ill."""

    def __init__(self, place, folder, attacks):
        self.place = place
        self.neighbour = Neighbour()
        self.honest = Upstream(seed=1)
        self.upstreams = {attack.name: attack.new_upstream() for attack in attacks}
        self._options = {attack.name: attack.options for attack in attacks}
        self._folder = folder
        self._numbers = itertools.count(1)
        self.server = None

    def name_of(self, attack_name):
        """What clients call the upstream of an attack."""
        return f"evil{list(self.upstreams).index(attack_name)}"

    def ensure_well(self):
        if self.server is not None and not self.is_well():
            self.server.kill()
            self.server = None
        if self.server is None:
            self.server = self._new_server()
            self.server.start()

    def is_well(self):
        if self.server.has_ended() or "OutOfMemoryError" in self.server.log():
            return False
        with contextlib.suppress(Broken):
            return self.server.get("/v2/", timeout=2).status == 200
        return False

    def close(self):
        if self.server is not None:
            self.server.kill()
        for thing in (self.neighbour, self.honest, *self.upstreams.values()):
            thing.close()

    def _new_server(self):
        settings = {"storage.reserve": "0B", "upstreams.honest.url": self.honest.url}
        for attack_name, upstream in self.upstreams.items():
            mine = {"url": upstream.url, "username": USER, "password": PASSWORD} | self._options[attack_name]
            settings |= {f"upstreams.{self.name_of(attack_name)}.{key}": value for key, value in mine.items()}
        settings["upstreams.names"] = ", ".join(["honest", *map(self.name_of, self.upstreams)])
        folder = self._folder / f"{self.place}{next(self._numbers)}"
        options = {"settings": settings, "heap": HEAP, "java_options": JAVA}
        if self.place == "tomcat":
            return Tomcat(folder, self.neighbour.upstream, tls_port=free_port(), **options)
        return Executable(folder, self.neighbour.upstream, **options)
