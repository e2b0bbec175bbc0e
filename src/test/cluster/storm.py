"""Random faults of nodes, database and bucket under load, with clients that compare every byte."""

import collections
import contextlib
import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from bucket import services
from harness.checks import Failed, Skipped, check, expect, expect_equal
from harness.client import Broken
from harness.relay import Link, Relay
from harness.waiting import wait_until
from nodes import three
from services import BUCKET

CLIENTS = 4
# What the upstream holds at most, so that a long run takes no more memory than a short one.
IMAGES = 60
# What a client may be told while a part is down.
SORRY = (429, 502, 503, 504)


class Storm:
    """Three nodes and what they share. Each of the faults takes one of them, which no other fault takes meanwhile."""

    def __init__(self, run):
        self.random = random.Random(run.folder.name)
        self.upstream, self.postgres, self.service = services(run)
        self.link = Relay(self.service.port, Link()).start()
        run.closing(self.link)
        settings = {"storage_s3_endpoint": self.link.url, "proxy_ttl": "10m", "http_maxperclient": "0"}
        self.nodes = three(run, self.upstream, self.postgres, self.service, **settings)
        self.free = {*self.nodes, self.postgres, self.service}
        self.taking = threading.Lock()
        self.happened = collections.Counter()
        self.slowest = 0

    def strike(self, _=None):
        """One fault, from its beginning to its end."""
        with self.one() as struck:
            kinds = {self.postgres: (self.crash,), self.service: (self.away, self.slow)}.get(struck, (self.die, self.hang, self.leave))
            fault = self.random.choice(kinds)
            fault(struck)
            self.happened[f"{fault.__name__} {'node' if struck in self.nodes else struck.name}"] += 1

    @contextlib.contextmanager
    def one(self):
        with self.taking:
            spared = [] if len(self.free & {*self.nodes}) > 1 else self.nodes  # one node is always up
            struck = self.random.choice(sorted(self.free - {*spared}, key=lambda one: one.name))
            self.free.remove(struck)
        try:
            yield struck
        finally:
            with self.taking:
                self.free.add(struck)

    def pause(self, longest):
        time.sleep(self.random.uniform(0.1, longest))

    def die(self, node):
        node.kill()
        self.begin(node)

    def leave(self, node):
        node.stop()
        self.begin(node)

    def begin(self, node):
        """Starts a node, again where the database is away just then."""
        def answers():
            if node.has_ended():
                node.launch()
                time.sleep(1)
            return node.answers()

        self.pause(1)
        began = time.monotonic()
        node.launch()
        wait_until(node.patience, f"the start of {node.name}", answers, every=0.1)
        self.slowest = max(self.slowest, time.monotonic() - began)

    def hang(self, node):
        os.kill(node.pid, signal.SIGSTOP)
        self.pause(4)
        os.kill(node.pid, signal.SIGCONT)

    def crash(self, postgres):
        postgres.crash()
        self.pause(2)
        postgres.start()

    def away(self, service):
        service.kill()
        self.pause(4)
        service.start()

    def slow(self, _):
        self.link.flow_at(500_000)
        self.pause(4)
        self.link.flow_at(0)


class Clients:
    """Clients that pull new and known images from any node, and note what they got."""

    def __init__(self, storm):
        self.storm = storm
        self.upstream = storm.upstream
        self.random = random.Random(1)
        self.images = collections.deque()
        self.outcomes = collections.Counter()
        self.wrong = []
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.made = 0

    def image(self):
        """A tag, its manifest and its blobs; one of four is new."""
        with self.lock:
            if len(self.images) < 3 or self.random.random() < 0.25:
                self.add()
            if len(self.images) > 2 * IMAGES:
                self.drop()
            return self.random.choice(list(self.images)[-IMAGES:])

    def add(self):
        self.made += 1
        tag = f"t{self.made}"
        sizes = [self.random.choice((300, 40_000, 700_000, 3_000_000)) + self.random.randrange(100) for _ in range(3)]
        self.images.append((tag, *self.upstream.new_image(tag, *sizes)))
        return self.images[-1]

    def drop(self):
        """Half of them were not asked for any more for long enough that nobody still reads one."""
        tag, manifest, blobs = self.images.popleft()
        del self.upstream.tags[tag]
        for digest in (manifest, *blobs):
            self.upstream.forget(digest)

    def pull_on(self):
        while not self.over.is_set():
            tag, manifest, blobs = self.image()
            node = self.random.choice(self.storm.nodes)
            if self.get(node, f"manifests/{tag}", manifest):
                for digest in blobs:
                    self.get(node, f"blobs/{digest}", digest)
            self.over.wait(0.05)  # what is left of the processors is for those that start again

    def get(self, node, what, digest):
        """Says whether the answer was right."""
        try:
            answer = node.get(f"/v2/team/app/{what}", timeout=30)
        except Broken:
            outcome = "broken"
        else:
            outcome = "right" if answer.status == 200 and answer.digest == digest else "sorry" if answer.status in SORRY else "wrong"
        with self.lock:
            self.outcomes[outcome] += 1
            if outcome == "wrong":
                self.wrong.append(f"{node.name} {what}: {answer.status} {answer.body[:200]}, {len(answer.body)} bytes")
        return outcome == "right"


@check
def random_faults_under_load_never_give_a_wrong_byte_or_lose_what_the_database_has(run):
    if not run.is_long:
        raise Skipped("it takes minutes: --long does that")
    faults = int(os.environ.get("CLUSTER_FAULTS", "1000"))
    storm = Storm(run)
    clients = Clients(storm)
    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pulling, ThreadPoolExecutor(2) as striking:
        pulls = [pulling.submit(clients.pull_on) for _ in range(CLIENTS)]
        try:
            list(striking.map(storm.strike, range(faults)))
            took = time.monotonic() - began
            in_line_after = all_in_line(storm, clients)
        finally:
            clients.over.set()
    for each in pulls:
        each.result()
    expect_equal("wrong answers", [], clients.wrong)
    expect(clients.outcomes["right"] > faults, f"only {clients.outcomes}")
    links = nothing_is_lost(storm)
    swept = nothing_is_left_over(storm)
    run.note(f"{faults} faults in {took:.0f} s: {dict(storm.happened)}; answers {dict(clients.outcomes)}")
    run.note(f"in line after {in_line_after:.1f} s, {links} links, {swept} objects swept, slowest start {storm.slowest:.1f} s")


def all_in_line(storm, clients):
    """Waits until all nodes serve what is new, and nothing is broken; returns the seconds that took."""
    began = time.monotonic()
    with clients.lock:
        tag, manifest, blobs = clients.add()
    for node in storm.nodes:
        wait_until(30, f"a new image at {node.name}", lambda node=node: clients.get(node, f"manifests/{tag}", manifest))
        wait_until(30, f"its blobs at {node.name}", lambda node=node: all(clients.get(node, f"blobs/{digest}", digest) for digest in blobs))
    for node in storm.nodes:
        with contextlib.suppress(Failed):
            wait_until(30, f"the health of {node.name}", lambda node=node: not node.health(), every=0.2)
        expect_equal(f"what is broken at {node.name} 30 s later", {}, node.health())
    return time.monotonic() - began


def nothing_is_lost(storm):
    """Each node has all that the database has a link of, without the upstream, once nodes that have died have noted what was not noted."""
    waiting = "SELECT COUNT(*) FROM link LEFT JOIN bucket_object USING (digest) WHERE stored IS NOT TRUE"
    wait_until(60, "the put of what waits", lambda: storm.postgres.ask(waiting) == "0", every=0.2)
    storm.upstream.refuses = True
    links = storm.postgres.ask("SELECT digest || ' ' || kind FROM link").split("\n")
    for number, link in enumerate(links):
        digest, kind = link.split()
        node = storm.nodes[number % len(storm.nodes)]
        answer = node.get(f"/v2/team/app/{kind.lower()}s/{digest}")
        expect_equal(f"the {kind} {digest} at {node.name}, which the database has", (200, digest), (answer.status, answer.digest))
    return len(links)


def nothing_is_left_over(storm):
    """Objects and rows are the same once a sweep has been; returns how many objects that has deleted."""
    folder = storm.service.data / BUCKET / "blobs"
    old = time.time() - 2 * 3600  # a sweep spares what is younger than an hour
    before = keys(storm)
    for file in folder.rglob("*"):
        os.utime(file, (old, old))
    rows = "SELECT 'blobs/sha256/' || substr(digest, 8, 2) || '/' || substr(digest, 8) || '.' || generation FROM bucket_object"
    storm.nodes[0].stop()
    storm.nodes[0].start()  # which sweeps
    wait_until(60, "the sweep", lambda: keys(storm) == set(storm.postgres.ask(rows).split("\n")), every=0.2)
    return len(before - keys(storm))


def keys(storm):
    return {key for key in storm.service.objects() if key.startswith("blobs/")}
