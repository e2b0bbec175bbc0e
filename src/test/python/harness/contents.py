"""Digests, manifests and noise, and files that are named by their digests."""

import hashlib
import json
import random

MIB = 1 << 20
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def digest_of_file(path, algorithm="sha256"):
    with path.open("rb") as content:
        return f"{algorithm}:{hashlib.file_digest(content, algorithm).hexdigest()}"


class Noise:
    """A content of any size that takes no memory: one block of noise, repeated and numbered. The same seed gives the same bytes."""

    BLOCK = MIB

    def __init__(self, seed, size):
        self._block = random.Random(seed).randbytes(min(size, self.BLOCK - 8))
        self._size = size

    def __len__(self):
        return self._size

    def __getitem__(self, part):
        first, last, _ = part.indices(self._size)
        blocks = range(first // self.BLOCK, (max(first, last - 1)) // self.BLOCK + 1)
        content = b"".join(self._block + number.to_bytes(8, "big") for number in blocks)
        begin = blocks[0] * self.BLOCK
        return content[first - begin : last - begin]

    def parts(self):
        for at in range(0, self._size, self.BLOCK):
            yield self[at : at + self.BLOCK]

    def digest(self):
        sha256 = hashlib.sha256()
        for part in self.parts():
            sha256.update(part)
        return "sha256:" + sha256.hexdigest()


def descriptor(media_type, content):
    """The descriptor of a content that is in memory."""
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}


def write_named(parts, unnamed, named, media_type):
    """Writes the parts of a content to the file `unnamed`, and then moves it to `named(digest)`; returns its descriptor."""
    sha256, size = hashlib.sha256(), 0
    unnamed.parent.mkdir(parents=True, exist_ok=True)
    with unnamed.open("wb") as out:
        for part in parts:
            sha256.update(part)
            size += len(part)
            out.write(part)
    digest = "sha256:" + sha256.hexdigest()
    file = named(digest)
    file.parent.mkdir(parents=True, exist_ok=True)
    unnamed.rename(file)
    return {"mediaType": media_type, "digest": digest, "size": size}


def image_manifest(config, layers, **more):
    return {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers, **more}


def index(manifests):
    return {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}


def encoded(value):
    return json.dumps(value, sort_keys=True).encode()
