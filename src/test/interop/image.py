#!/usr/bin/env python3
"""Writes the images of the interop run as OCI layouts, the same bytes on every run.

usage: image.py FOLDER

  FOLDER/big        an index of linux/amd64 and linux/arm64 that share a layer of 300 MB
  FOLDER/small      the same shape with 3 MB, for the checks that need many cold pulls
  FOLDER/other      the same shape with 1 MB, for a repository that must not be mistaken for another
  FOLDER/artifact   an OCI 1.1 artifact with the empty config `{}`, whose subject is big's index

Beside each layout stand NAME.blobs and NAME.manifests, its digests one a line. referrers.json lists the artifact as a referrer of
big's index, for registries that have no referrers API and take an index under a tag instead.
"""

import hashlib
import sys
import tarfile
import zlib
from pathlib import Path

from harness.contents import CONFIG, INDEX, MANIFEST, Noise, encoded, image_manifest, index, write_named

EMPTY = "application/vnd.oci.empty.v1+json"
SBOM = "application/vnd.example.sbom"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
MEGABYTE = 1000 * 1000


class Layout:
    """One OCI image layout: a folder of blobs named by digest, and an index.json that tags one of them."""

    def __init__(self, parent, name):
        self.parent = parent
        self.name = name
        self.folder = parent / name
        self.written = {"blobs": [], "manifests": []}

    def add(self, kind, media_type, parts, **extra):
        descriptor = write_named(parts, self.folder / "unnamed", self._file, media_type)
        if descriptor["digest"] not in self.written[kind]:
            self.written[kind].append(descriptor["digest"])
        return {**descriptor, **extra}

    def _file(self, digest):
        return self.folder / "blobs/sha256" / digest.removeprefix("sha256:")

    def add_json(self, kind, media_type, value, **extra):
        return self.add(kind, media_type, [encoded(value)], **extra)

    def add_layer(self, name, size, seed):
        """A layer of one incompressible file; returns its descriptor and the digest of the plain tar."""
        plain = hashlib.sha256()

        def gzipped():
            gzip = zlib.compressobj(0, zlib.DEFLATED, 31)
            for part in tar(name, size, seed):
                plain.update(part)
                yield gzip.compress(part)
            yield gzip.flush()

        descriptor = self.add("blobs", LAYER, gzipped())
        return descriptor, "sha256:" + plain.hexdigest()

    def finish(self, descriptor, tag):
        tagged = {**descriptor, "annotations": {"org.opencontainers.image.ref.name": tag}}
        (self.folder / "index.json").write_bytes(encoded(index([tagged])))
        (self.folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        for kind, digests in self.written.items():
            self.parent.joinpath(f"{self.name}.{kind}").write_text("".join(d + "\n" for d in digests))


def tar(name, size, seed):
    header = tarfile.TarInfo(name)
    header.size = size
    yield header.tobuf(tarfile.USTAR_FORMAT)
    yield from Noise(seed, size).parts()
    yield bytes(-size % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE)


def platform_manifest(layout, architecture, layers):
    config = {
        "architecture": architecture,
        "os": "linux",
        "created": "2026-01-01T00:00:00Z",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [plain for _, plain in layers]},
    }
    manifest = image_manifest(layout.add_json("blobs", CONFIG, config), [descriptor for descriptor, _ in layers])
    platform = {"architecture": architecture, "os": "linux"}
    return layout.add_json("manifests", MANIFEST, manifest, platform=platform)


def write_image(parent, name, megabytes):
    layout = Layout(parent, name)
    shared = layout.add_layer("shared", megabytes * MEGABYTE, f"{name} shared")
    manifests = []
    for architecture in ("amd64", "arm64"):
        own = layout.add_layer(architecture, MEGABYTE, f"{name} {architecture}")
        tiny = layout.add_layer(f"{architecture}.txt", 1, f"{name} {architecture} tiny")
        manifests.append(platform_manifest(layout, architecture, [shared, own, tiny]))
    descriptor = layout.add_json("manifests", INDEX, index(manifests))
    layout.finish(descriptor, "1")
    return descriptor


def write_artifact(parent, subject):
    layout = Layout(parent, "artifact")
    config = layout.add("blobs", EMPTY, [b"{}"])
    layers = [layout.add("blobs", "text/plain", [b"one line of a bill of materials\n"])]
    descriptor = layout.add_json("manifests", MANIFEST, image_manifest(config, layers, artifactType=SBOM, subject=subject))
    layout.finish(descriptor, "1")
    (parent / "referrers.json").write_bytes(encoded(index([{**descriptor, "artifactType": SBOM}])))


def main():
    parent = Path(sys.argv[1])
    big = write_image(parent, "big", 300)
    write_image(parent, "small", 3)
    write_image(parent, "other", 1)
    write_artifact(parent, big)


if __name__ == "__main__":
    main()
