"""What the upstream offers: written straight into the folder of a docker-registry, the same bytes on every run."""

import json
import shutil

from harness.contents import CONFIG, MANIFEST, Noise, image_manifest, write_named
from harness.registry import blob_file

LAYER = "application/vnd.oci.image.layer.v1.tar"
REPOSITORY = "bench/app"


class Contents:
    """The folder of the upstream, into which blobs, manifests and tags are written while it runs."""

    def __init__(self, folder):
        self._folder = folder
        self._repository = folder / "docker/registry/v2/repositories" / REPOSITORY

    def blob(self, seed, size):
        """Writes a blob; returns its descriptor."""
        return self._put(Noise(seed, size).parts(), "_layers", LAYER)

    def manifest(self, tag, layers, size=2048):
        """Writes an image manifest of about that size, and tags it; returns its descriptor."""
        config = self._put([b'{"tag":"%s"}' % tag.encode()], "_layers", CONFIG)
        image = image_manifest(config, layers, annotations={"pad": ""})
        image["annotations"]["pad"] = "x" * max(0, size - len(json.dumps(image)))
        descriptor = self._put([json.dumps(image).encode()], "_manifests/revisions", MANIFEST)
        tags = self._repository / "_manifests/tags" / tag
        self._link(tags / "current", descriptor["digest"])
        self._link(tags / "index/sha256" / descriptor["digest"].split(":")[1], descriptor["digest"])
        return descriptor

    def image(self, tag, layers, megabytes, seed):
        """Writes a whole image that clients can pull; returns the descriptors of its blobs."""
        blobs = [self.blob(f"{seed} layer {i}", int(megabytes * 1000 * 1000)) for i in range(layers)]
        self.manifest(tag, blobs, 0)
        return blobs

    def remove(self, descriptor):
        shutil.rmtree(blob_file(self._folder, descriptor["digest"]).parent)

    def _put(self, parts, kind, media_type):
        descriptor = write_named(parts, self._folder / "unnamed", lambda digest: blob_file(self._folder, digest), media_type)
        self._link(self._repository / kind / "sha256" / descriptor["digest"].split(":")[1], descriptor["digest"])
        return descriptor

    @staticmethod
    def _link(folder, digest):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "link").write_text(digest)
