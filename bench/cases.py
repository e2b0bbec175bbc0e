"""The cases that compare the subjects with each other, and the bars that Entrepot has to clear."""

import base64
import json
import shutil
import subprocess
import urllib.request
from dataclasses import dataclass

import load
import servers
from contents import REPOSITORY
from harness.contents import MANIFEST, MIB
from harness.relay import Link

CASES = {}


@dataclass(frozen=True)
class Bar:
    """What is demanded of Entrepot on Tomcat, or of another subject: the ratio to a peer in the same round, or a value where there is none."""

    metric: str
    limit: float
    peer: str = ""
    at_least: bool = False
    subject: str = servers.Tomcat.name

    def holds(self, value):
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self):
        sign = "≥" if self.at_least else "≤"
        whose = "" if self.subject == servers.Tomcat.name else f"{self.subject} "
        return f"{whose}{sign} {self.limit:g}" + (f" × {self.peer}" if self.peer else "")


BEST = "the best peer"
"""Stands for the peer that is the best of its round."""


def elsewhere(metric, at_least=False):
    """Jetty and the executable WAR have four fifths of the speed of Tomcat."""
    limit = 0.8 if at_least else 1.25
    return tuple(Bar(metric, limit, servers.Tomcat.name, at_least, subject=cls.name) for cls in (servers.Jetty, servers.Executable))


class Case:
    """Measures one thing of one subject after the other."""

    subjects = servers.ALL
    bars = ()
    rounds = 7

    def prepare(self, run):
        """Makes what is asked for, before the warm-up."""

    def warm_up(self, server):
        self.measure(server, 0)

    def measure(self, server, number):
        """One round, as metric to value."""
        raise NotImplementedError

    def after_round(self, run, number):
        """Makes room."""


def case(cls):
    CASES[cls.name] = cls
    return cls


def blob(server, descriptor):
    return f"{server.url}/v2/{REPOSITORY}/blobs/{descriptor['digest']}"


def manifest(server, reference):
    return f"{server.url}/v2/{REPOSITORY}/manifests/{reference}"


class LargeHit(Case):
    clients = 1
    times = 4
    bars = (
        Bar("MiB/s", 1.0, "docker-registry", True),
        Bar("MiB/s", 1.0, "nginx", True),
        *elsewhere("MiB/s", True),
        Bar("CPU s/GiB", 1.3, "nginx"),
    )

    def prepare(self, run):
        self.size = 256 * MIB
        self.blob = run.contents.blob("large", self.size)

    def warm_up(self, server):
        load.verify(blob(server, self.blob), self.blob["digest"])
        load.verify(blob(server, self.blob), self.blob["digest"])

    def measure(self, server, number):
        before = server.cpu()
        seconds = sum(load.pull(blob(server, self.blob), self.clients) for _ in range(self.times))
        spent = server.cpu() - before
        gib = self.times * self.clients * self.size / (1 << 30)
        return {"MiB/s": gib * 1024 / seconds, "CPU s/GiB": spent / gib}


@case
class LargeHitOne(LargeHit):
    name = "large-hit-1"


@case
class LargeHitEight(LargeHit):
    name = "large-hit-8"
    clients = 8
    times = 1


class SmallHit(Case):
    bars = (
        Bar("requests/s", 20, "docker-registry", True),
        Bar("requests/s", 0.9, "nginx", True),
        *elsewhere("requests/s", True),
    )
    seconds = 4

    def warm_up(self, server):
        load.verify(self.url(server), self.digest)
        # The JVM compiles what it has seen often enough; two rounds of this see to it.
        for _ in range(3 if server.is_entrepot else 1):
            self.measure(server, 0)

    def measure(self, server, number):
        return {"requests/s": load.wrk(self.url(server), 32, self.seconds, f"{MANIFEST}, */*")}


@case
class SmallBlobHit(SmallHit):
    name = "small-blob-hit"

    def prepare(self, run):
        self.blob = run.contents.blob("small", 2048)
        self.digest = self.blob["digest"]

    def url(self, server):
        return blob(server, self.blob)


@case
class LoginHit(SmallBlobHit):
    """Hits of who has logged in, against hits of one subject where nobody logs in, in the same seconds."""

    name = "login-hit"
    subjects = (servers.Tomcat, servers.Jetty, servers.Executable)
    seconds = 3
    bars = (Bar("Basic × without", 0.85, at_least=True), Bar("Bearer × without", 0.85, at_least=True))
    user = "bench:bench-password"

    def prepare(self, run):
        super().prepare(run)
        self.run = run
        users = run.folder / "users"
        users.write_text(subprocess.run(["htpasswd", "-nbBC", "4", *self.user.split(":")], check=True, capture_output=True, text=True).stdout)
        self.options = {"settings": {"auth.htpasswd.path": str(users)}}

    def warm_up(self, server):
        load.verify(self.url(self.run.running_server(type(server), SmallBlobHit)), self.digest)
        self.basic = "Basic " + base64.b64encode(self.user.encode()).decode()
        for _ in range(4):
            self.measure(server, 0)

    def hits(self, server, authorization=None):
        return load.wrk(self.url(server), 32, self.seconds, authorization=authorization)

    def measure(self, server, number):
        without = self.hits(self.run.running_server(type(server), SmallBlobHit))
        basic, bearer = self.hits(server, self.basic), self.hits(server, "Bearer " + self.token(server))
        return {"Basic × without": basic / without, "Bearer × without": bearer / without}

    def token(self, server):
        """A new one each time: it lives a few minutes."""
        url = f"{server.url}/v2/token?service=x&scope=repository:{REPOSITORY}:pull"
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": self.basic})) as answer:
            return json.load(answer)["token"]


class ManifestHit(SmallHit):
    tag = servers.FRESH

    def prepare(self, run):
        layers = [run.contents.blob(f"layer {i}", 1024) for i in range(12)]
        self.digest = run.contents.manifest(self.tag, layers)["digest"]

    def url(self, server):
        return manifest(server, self.tag)


@case
class ManifestByDigest(ManifestHit):
    name = "manifest-by-digest"

    def url(self, server):
        return manifest(server, self.digest)


@case
class ManifestByFreshTag(ManifestHit):
    name = "manifest-by-tag"


@case
class ManifestRevalidated(ManifestHit):
    name = "manifest-revalidated"
    tag = "moving"
    bars = (Bar("requests/s", 5, "docker-registry", True), Bar("requests/s", 2, "zot", True), *elsewhere("requests/s", True))
    subjects = (servers.Registry, servers.Tomcat, servers.Jetty, servers.Executable, servers.Distribution, servers.Zot)


class Cold(Case):
    """Each round has content of its own, that nobody has seen."""

    warm_ups = 0

    def prepare(self, run):
        self.run = run
        self.made = {}

    def fresh(self, number):
        if number not in self.made:
            self.made[number] = self.run.contents.blob(f"{self.name} {number}", self.size)
        return self.made[number]

    def warm_up(self, server):
        self.measure(server, 0)
        # The JVM compiles what it has seen often enough.
        for number in range(-self.warm_ups, 0) if server.is_entrepot else ():
            self.measure(server, number)
            servers.drop_large(server)

    def after_round(self, run, number):
        for made in [n for n in self.made if n <= number]:
            run.contents.remove(self.made.pop(made))
        run.drop_large()


@case
class ColdPull(Cold):
    name = "cold-pull"
    warm_ups = 5
    size = 256 * MIB
    bars = (Bar("s", 0.9, BEST), *elsewhere("s"), Bar("× straight", 1.5), Bar("CPU s/GiB", 2))

    def measure(self, server, number):
        fresh = self.fresh(number)
        straight = load.pull(blob(self.run.upstream, fresh))
        before = server.cpu()
        seconds = load.pull(blob(server, fresh))
        spent = server.cpu() - before
        return {"s": seconds, "× straight": seconds / straight, "CPU s/GiB": spent / self.size * (1 << 30)}


class Herd(Cold):
    size = 100 * MIB
    subjects = (servers.Registry, servers.Nginx, servers.Tomcat, servers.Distribution)
    options = {"heap": "128m"}
    bars = (
        Bar("s", 0.5, "docker-registry"),
        Bar("s", 0.9, "nginx"),
        Bar("upstream bytes × the blob", 1),
        Bar("peak MiB", 256),
    )

    def measure(self, server, number):
        fresh = self.fresh(number)
        server.forget_peak()
        before = self.run.upstream.sent(fresh["digest"])
        seconds = load.herd(blob(server, fresh), self.clients)
        sent = self.run.upstream.sent(fresh["digest"]) - before
        return {"s": seconds, "upstream bytes × the blob": sent / self.size, "peak MiB": server.peak_mib()}


@case
class HerdFifty(Herd):
    name = "herd-50"
    clients = 50
    bars = Herd.bars[:3]


@case
class HerdThousand(Herd):
    name = "herd-1000"
    clients = 1000
    rounds = 3


@case
class LateJoiner(Cold):
    """The second client comes a second after the first, whose fill takes ten."""

    name = "late-joiner"
    size = 100 * 1000 * 1000
    rounds = 3
    link = Link(10 * 1000 * 1000)
    subjects = (servers.Nginx, servers.Tomcat, servers.Jetty, servers.Executable)
    bars = (Bar("first byte ms", 50),)

    def measure(self, server, number):
        with load.in_background(blob(server, self.fresh(number)), 1.0):
            return {"first byte ms": 1000 * load.first_byte(blob(server, self.fresh(number)))}


@case
class SlowLink(Cold):
    """Each connection to the upstream gets 25 MiB/s, and its bytes are 20 ms on the way."""

    name = "slow-link"
    size = 200 * MIB
    link = Link(25 * MIB, 0.02)
    bars = (Bar("× straight", 0.4), *elsewhere("× straight"))

    def measure(self, server, number):
        fresh = self.fresh(number)
        straight = load.pull(blob(self.run.relay(self.link), fresh))
        seconds = load.pull(blob(server, fresh))
        return {"× straight": seconds / straight, "s": seconds}


@case
class RangeClients(Cold):
    """Eight clients fetch a blob over that link, each by four ranges at once."""

    name = "range-clients"
    size = 100 * MIB
    link = SlowLink.link
    subjects = (servers.Tomcat, servers.Jetty, servers.Executable)  # docker-registry sends all to each as long as it has not
    bars = (Bar("× bytes", 1.1), Bar("× straight", 1.0))

    def measure(self, server, number):
        fresh = self.fresh(number)
        relay = self.run.relay(self.link)
        straight = load.pull(blob(relay, fresh))
        before = relay.received
        seconds = load.pull_ranges(blob(server, fresh), self.size, 8, 4)
        return {"× bytes": (relay.received - before) / self.size, "× straight": seconds / straight}


class Image(Case):
    layers = 12
    megabytes = 50
    subjects = (servers.Registry, servers.Tomcat, servers.Jetty, servers.Executable, servers.Distribution)

    def prepare(self, run):
        self.run = run
        self.made = {}

    def pull(self, server, tag):
        folder = self.run.folder / "pulled"
        try:
            return load.skopeo(server, REPOSITORY, tag, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def tag(self, number):
        tag = f"{self.name}-{number}"
        if tag not in self.made:
            self.made[tag] = self.run.contents.image(tag, self.layers, self.megabytes, tag)
        return tag


@case
class ImageCold(Image):
    name = "image-cold"
    bars = (Bar("s", 0.8, "docker-registry"), Bar("s", 0.8, "distribution-v3"), *elsewhere("s"))

    def measure(self, server, number):
        return {"s": self.pull(server, self.tag(number))}

    def after_round(self, run, number):
        for layer in self.made.pop(self.tag(number)):
            run.contents.remove(layer)
        run.drop_large()


@case
class ImageWarm(Image):
    name = "image-warm"
    bars = (Bar("s", 1.0, "docker-registry"), Bar("s", 1.0, "distribution-v3"), *elsewhere("s"))

    def measure(self, server, number):
        return {"s": self.pull(server, self.tag(0))}


@case
class ImageFar(Image):
    """Small layers over a link of 50 ms there and back, where each question costs that."""

    name = "image-far"
    bars = (Bar("× straight", 0.7),)
    megabytes = 0.2
    link = Link(delay=0.025)
    options = {"settings": {"proxy.eager": "layers"}}

    def measure(self, server, number):
        tag = self.tag(number)
        straight = self.pull(self.run.relay(self.link), tag)
        return {"× straight": self.pull(server, tag) / straight}
