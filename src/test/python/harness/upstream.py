"""A registry to pull from, which counts what it is asked and can be told to be slow or to refuse."""

import random
import re
import threading
import time

from harness.contents import MANIFEST, Noise, descriptor, digest_of, encoded, image_manifest
from harness.local import Handler, LocalServer

BLOB = "application/octet-stream"


class Upstream:
    """Serves blobs and manifests out of memory, each under every repository. Thread-safe."""

    def __init__(self, seed=0, host="127.0.0.1"):
        self.blobs = {}
        self.manifests = {}
        self.tags = {}
        self.requests = []
        self.resumed = []
        # The bytes of bodies that were written, also to connections that broke.
        self.sent = 0
        self.refuses = False
        self.bytes_per_second = 0
        # Given the handler of a request, says whether it has answered it. If not, the registry does.
        self.trick = lambda handler: False
        # While it is clear, no body goes beyond so many bytes.
        self.flows_to = 0
        self.flows = threading.Event()
        self.flows.set()
        self.counting = threading.Lock()
        self._random = random.Random(seed)
        self._server = LocalServer(_Handler, host)
        self._server.upstream = self

    @property
    def url(self):
        return self._server.url

    def new_blob(self, size):
        content = self._random.randbytes(size)
        digest = digest_of(content)
        self.blobs[digest] = content
        return digest

    def new_large_blob(self, size):
        content = Noise(self._random.random(), size)
        digest = content.digest()
        self.blobs[digest] = content
        return digest

    def new_image(self, tag, *sizes):
        """Puts a manifest of new blobs; returns its digest and theirs."""
        blobs = [self.new_blob(size) for size in sizes]
        layers = [descriptor(BLOB, self.blobs[digest]) for digest in blobs]
        content = encoded(image_manifest(layers[0], layers))
        digest = digest_of(content)
        self.manifests[digest] = content
        self.tags[tag] = digest
        return digest, blobs

    def forget(self, digest):
        self.blobs.pop(digest, None)
        self.manifests.pop(digest, None)

    def content(self, digest):
        return self.blobs.get(digest) or self.manifests.get(digest)

    def gets(self, digest):
        """How many bodies of this digest were asked for."""
        return sum(1 for method, path in self.requests if method == "GET" and path.endswith(digest))

    def close(self):
        self._server.close()


class _Handler(Handler):
    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        upstream = self.server.upstream
        upstream.requests.append((self.command, self.path))
        if upstream.trick(self):
            return
        if upstream.refuses:
            self.answer(503, b"")
        elif self.path == "/v2/":
            self.answer(200, b"{}")
        elif match := re.fullmatch(r"/v2/.+/(blobs|manifests)/([^/]+)", self.path):
            self.answer_content(upstream, match[1], match[2])
        else:
            self.answer(404, b"{}")

    def answer_content(self, upstream, kind, reference):
        digest = upstream.tags.get(reference, reference)
        content = (upstream.blobs if kind == "blobs" else upstream.manifests).get(digest)
        if content is None:
            self.answer(404, b"{}")
            return
        headers = {"Docker-Content-Digest": digest, "ETag": f'"{digest}"'}
        headers["Content-Type"] = MANIFEST if kind == "manifests" else BLOB
        if match := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            first = int(match[1])
            last = min(int(match[2] or len(content)), len(content) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            upstream.resumed.append((digest, first))
            self.answer(206, content, headers, first, last + 1)
        else:
            self.answer(200, content, headers)

    def answer(self, status, body, headers=None, first=0, end=None):
        end = len(body) if end is None else end
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(end - first))
        self.end_headers()
        if self.command == "GET":
            self.send_body(body, first, end)

    def send_body(self, body, first, end):
        at = first
        while at < end:
            if at >= self.server.upstream.flows_to:
                self.server.upstream.flows.wait(60)
            rate = self.server.upstream.bytes_per_second
            part = max(1, rate // 20) if rate else 1 << 20
            piece = body[at : min(end, at + part)]
            self.wfile.write(piece)
            with self.server.upstream.counting:
                self.server.upstream.sent += len(piece)
            at += part
            if rate:
                time.sleep(part / rate)
