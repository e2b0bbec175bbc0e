"""What the upstream offers: written straight into the folder of a docker-registry, the same bytes on every run."""

import hashlib
import json
import random
import shutil

MIB = 1 << 20
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
REPOSITORY = "bench/app"


def body(seed, size):
    """Yields incompressible bytes in parts of at most 1 MiB, no two parts alike."""
    block = random.Random(seed).randbytes(min(MIB, size))
    for start in range(0, size, MIB):
        number = (start // MIB).to_bytes(8, "big")
        yield (number + block[8:])[: size - start]


class Contents:
    """The folder of the upstream, into which blobs, manifests and tags are written while it runs."""

    def __init__(self, folder):
        self.folder = folder / "docker/registry/v2"

    def blob(self, seed, size, repository=REPOSITORY):
        """Writes a blob; returns its descriptor."""
        return self._put(body(seed, size), repository, "_layers", LAYER)

    def manifest(self, tag, layers, size=2048, repository=REPOSITORY):
        """Writes an image manifest of about that size, and tags it; returns its descriptor."""
        image = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self._put([b'{"tag":"%s"}' % tag.encode()], repository, "_layers", CONFIG),
            "layers": layers,
        }
        bare = len(json.dumps(image | {"annotations": {"pad": ""}}))
        image["annotations"] = {"pad": "x" * max(0, size - bare)}
        descriptor = self._put([json.dumps(image).encode()], repository, "_manifests/revisions", MANIFEST)
        tags = self.folder / "repositories" / repository / "_manifests/tags" / tag
        self._link(tags / "current", descriptor["digest"])
        self._link(tags / "index/sha256" / descriptor["digest"].split(":")[1], descriptor["digest"])
        return descriptor

    def image(self, tag, layers, megabytes, seed, repository=REPOSITORY):
        """Writes a whole image that clients can pull; returns the descriptors of its blobs."""
        blobs = [self.blob(f"{seed} layer {i}", megabytes * 1000 * 1000, repository) for i in range(layers)]
        self.manifest(tag, blobs, 0, repository)
        return blobs

    def remove(self, descriptor):
        shutil.rmtree(self._folder(descriptor["digest"]))

    def _put(self, parts, repository, kind, media_type):
        digest, size = hashlib.sha256(), 0
        unnamed = self.folder.parent / "unnamed"
        unnamed.parent.mkdir(parents=True, exist_ok=True)
        with unnamed.open("wb") as out:
            for part in parts:
                digest.update(part)
                size += len(part)
                out.write(part)
        name = "sha256:" + digest.hexdigest()
        self._folder(name).mkdir(parents=True, exist_ok=True)
        unnamed.rename(self._folder(name) / "data")
        self._link(self.folder / "repositories" / repository / kind / "sha256" / digest.hexdigest(), name)
        return {"mediaType": media_type, "digest": name, "size": size}

    def _folder(self, digest):
        hexadecimal = digest.split(":")[1]
        return self.folder / "blobs/sha256" / hexadecimal[:2] / hexadecimal

    @staticmethod
    def _link(folder, digest):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "link").write_text(digest)
