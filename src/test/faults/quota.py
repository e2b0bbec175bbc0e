"""F3: a quota that is a tenth of what is pulled. It is never exceeded, and a kill in the middle of making room loses nothing."""

import contextlib
import random
import stat
import threading

from harness.checks import check, expect, expect_equal
from harness.client import Broken
from harness.contents import MANIFEST, MIB, digest_of, encoded, image_manifest, write_named
from harness.registry import Registry, blob_file
from subject import Subject

QUOTA = 12 * MIB
LAYER = MIB // 2
IMAGES = 60
LAYERS = 4
CLIENTS = 2
# Pulled again after each other image.
HOT = "v1"


def hex_of(described):
    return described["digest"].removeprefix("sha256:")


class Watch:
    """Adds up the files of a subject again and again, and remembers the most that were there at one moment."""

    def __init__(self, data):
        self._data = data
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.most = 0
        self.looks = 0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *failure):
        self._over.set()
        self._thread.join()

    def _look(self):
        while not self._over.wait(0.01):
            self.most = max(self.most, self.used())
            self.looks += 1

    def used(self):
        """What was there at one moment between two looks. The first look alone counts what goes while it lasts, and what comes instead."""
        before = self._files()
        after = self._files()
        return sum(size for file, size in before.items() if file in after)

    def _files(self):
        """The size of each file, by its path and its number on the disk."""
        sizes = {}
        for folder in ("blobs", "spool", "quarantine"):
            for path in (self._data / folder).rglob("*"):
                with contextlib.suppress(FileNotFoundError):
                    seen = path.stat()
                    if stat.S_ISREG(seen.st_mode):
                        sizes[path, seen.st_ino] = seen.st_size
        return sizes


class Images:
    """Images in the folder of a registry that is not running yet. Each has layers of its own, and shares one with all others."""

    def __init__(self, folder):
        self._folder = folder
        self._repository = folder / "docker/registry/v2/repositories/team/app"
        self.manifests = {}
        self.layers = {}
        noise = random.Random(18)
        shared = self._put("_layers", noise.randbytes(LAYER))
        for number in range(IMAGES):
            own = [self._put("_layers", noise.randbytes(LAYER)) for _ in range(LAYERS - 1)]
            manifest = self._put("_manifests/revisions", encoded(image_manifest(own[0], [shared, *own[1:]])), MANIFEST)
            tag = "pinned" if number == 0 else f"v{number}"
            self._link(self._repository / "_manifests/tags" / tag / "current", manifest["digest"])
            self._link(self._repository / "_manifests/tags" / tag / "index/sha256" / hex_of(manifest), manifest["digest"])
            self.manifests[tag] = manifest["digest"]
            self.layers[tag] = [layer["digest"] for layer in (shared, *own)]

    def _put(self, kind, content, media_type="application/octet-stream"):
        described = write_named([content], self._folder / "unnamed", lambda digest: blob_file(self._folder, digest), media_type)
        self._link(self._repository / kind / "sha256" / hex_of(described), described["digest"])
        return described

    @staticmethod
    def _link(folder, digest):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "link").write_text(digest)

    def pull(self, subject, tag):
        """Pulls an image, and checks each digest. Returns how many blobs were hits."""
        answer = subject.manifest(tag)
        expect_equal(f"the status of {tag}", 200, answer.status)
        expect_equal(f"the digest of {tag}", self.manifests[tag], digest_of(answer.body))
        hits = 0
        for digest in self.layers[tag]:
            blob = subject.blob(digest)
            expect_equal(f"the status of a layer of {tag}", 200, blob.status)
            expect_equal(f"the digest of a layer of {tag}", digest, digest_of(blob.body))
            hits += "; hit" in blob.headers["Cache-Status"]
        return hits


@check
def ten_times_the_quota_is_pulled_and_it_is_never_exceeded(run):
    registry = Registry(run.folder / "registry")
    run.closing(registry)
    images = Images(registry.data)
    registry.start()
    # Each making of room waits for the grace. With a short grace and much room at once it takes little of the time of the check.
    subject = Subject(
        run,
        registry,
        storage_quota=str(QUOTA),
        storage_lowwater="75",
        expiry_pins="team/app:pinned",
        storage_unlinkgrace="200ms",
        proxy_revalidate="1h",
    ).start()
    images.pull(subject, "pinned")
    images.pull(subject, HOT)
    failures, counted, lost = [], [], []

    def client(seed):
        order = random.Random(seed).sample(sorted(images.manifests), IMAGES)
        for tag in order:
            try:
                images.pull(subject, tag)
                lost.append(LAYERS - images.pull(subject, HOT))
                disk = subject.stats()["disk"]
                counted.append(disk["stored"] + disk["promised"])
            except Broken:
                return  # killed
            except Exception as e:  # noqa: BLE001, told below
                failures.append(f"{tag}: {e}")

    def pull_all(seeds):
        clients = [threading.Thread(target=client, args=(seed,)) for seed in seeds]
        for each in clients:
            each.start()
        return clients

    with Watch(subject.data) as watch:
        for each in pull_all(range(CLIENTS)):
            each.join()
        expect_equal("blobs of an image that is in use all the time which were fetched again", 0, sum(lost))
        for round_ in range(2):
            clients = pull_all(range(10 * round_ + 10, 10 * round_ + 10 + CLIENTS))
            clients[0].join(1 + round_)
            subject.kill()
            for each in clients:
                each.join()
            subject.start()
        for each in pull_all([99]):
            each.join()
        subject.await_idle()
    expect_equal("failed pulls", [], failures)
    expect(watch.most <= QUOTA, f"{watch.most} bytes were used of {QUOTA}")
    # What waits to be deleted counts as stored.
    expect(max(counted) <= QUOTA, f"{max(counted)} bytes were stored or promised of {QUOTA}")
    expect(subject.stored(), "nothing is stored")
    expect_equal("hits of the pinned image", LAYERS, images.pull(subject, "pinned"))
    disk = subject.stats()["disk"]
    expect(disk["imagesRemoved"] > 0, f"no room was made: {disk}")
    run.note(f"{watch.most} of {QUOTA} bytes at most, in {watch.looks} looks; {disk}")
