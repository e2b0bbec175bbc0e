"""A registry in memory that has all of the distribution specification: referrers, any digest, tags as parameters, deletion."""

import collections
import hashlib
import json
import re
import threading
import uuid
from urllib.parse import parse_qs, urlsplit

from harness.contents import INDEX, encoded
from harness.local import Handler, LocalServer

DIGEST = re.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
TAG = re.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
PATH = re.compile("/v2/(?P<name>.+?)/(?P<kind>blobs/uploads|blobs|manifests|tags|referrers)/(?P<reference>[^/]*)")


def digest_of(algorithm, content):
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


class Repository:
    """What was pushed under one name."""

    def __init__(self):
        self.blobs = {}
        self.manifests = {}  # digest: (media type, content)
        self.tags = {}
        self.uploads = {}

    def referrers(self, subject):
        """The descriptors of all manifests that name the digest as their subject."""
        found = []
        for digest, (media_type, content) in self.manifests.items():
            manifest = json.loads(content)
            if (manifest.get("subject") or {}).get("digest") == subject:
                kind = manifest.get("artifactType") or manifest.get("config", {}).get("mediaType", "")
                descriptor = {"mediaType": media_type, "digest": digest, "size": len(content), "artifactType": kind}
                found.append(descriptor | {key: manifest[key] for key in ("annotations",) if key in manifest})
        return found


class CompleteRegistry(LocalServer):
    """Serves repositories, which appear with the first push. One request at a time."""

    def __init__(self):
        self.repositories = collections.defaultdict(Repository)
        self.lock = threading.Lock()
        super().__init__(_Handler)


class _Handler(Handler):
    def dispatch(self):
        body = self.body()
        url = urlsplit(self.path)
        match = PATH.fullmatch(url.path)
        if body is None:
            self.answer(413)
        elif url.path == "/v2/":
            self.answer(200, {"Content-Type": "application/json"}, b"{}")
        elif match is None:
            self.refuse(404, "NAME_UNKNOWN")
        else:
            query = parse_qs(url.query, keep_blank_values=True)
            method = "GET" if self.command == "HEAD" else self.command
            part = getattr(self, f"{method.lower()}_{match['kind'].replace('/', '_')}", None)
            with self.server.lock:
                self.name, self.repository = match["name"], self.server.repositories[match["name"]]
                part(match["reference"], query, body) if part else self.refuse(405, "UNSUPPORTED")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = dispatch

    # Answers

    def answer(self, status, headers=None, content=b""):
        self.send_response_only(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def refuse(self, status, code):
        self.answer(status, {"Content-Type": "application/json"}, encoded({"errors": [{"code": code, "message": code.lower()}]}))

    def answer_created(self, kind, reference, digest, **more):
        location = f"/v2/{self.name}/{kind}/{reference}"
        self.answer(201, {"Location": location, "Docker-Content-Digest": digest} | more)

    # Blobs

    def get_blobs(self, reference, _query, _body):
        content = self.repository.blobs.get(reference)
        if content is None:
            self.refuse(404, "BLOB_UNKNOWN")
            return
        headers = {"Content-Type": "application/octet-stream", "Docker-Content-Digest": reference, "Accept-Ranges": "bytes"}
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if asked is None or self.command == "HEAD":
            self.answer(200, headers, content)
        else:
            self.answer_range(headers, content, *asked.groups())

    def answer_range(self, headers, content, first, last):
        size = len(content)
        begin = int(first) if first else max(0, size - int(last))
        end = min(int(last), size - 1) if first and last else size - 1
        if begin > end:
            self.answer(416, {"Content-Range": f"bytes */{size}"})
        else:
            self.answer(206, headers | {"Content-Range": f"bytes {begin}-{end}/{size}"}, content[begin : end + 1])

    def delete_blobs(self, reference, _query, _body):
        if self.repository.blobs.pop(reference, None) is None:
            self.refuse(404, "BLOB_UNKNOWN")
        else:
            self.answer(202)

    # Uploads

    def post_blobs_uploads(self, _reference, query, body):
        mounted = query.get("mount", [""])[0]
        content = self.content_to_mount(mounted, query.get("from"))
        if content is not None:
            self.repository.blobs[mounted] = content
            self.answer_created("blobs", mounted, mounted)
        elif "digest" in query:
            self.store_blob(query["digest"][0], body)
        else:
            upload = uuid.uuid4().hex
            self.repository.uploads[upload] = b""
            self.answer_upload(202, upload)

    def content_to_mount(self, digest, names):
        """The blob of the repository that is named, or else of any."""
        sources = [name for name in self.server.repositories if names is None or name in names]
        return next((blobs[digest] for name in sources if digest in (blobs := self.server.repositories[name].blobs)), None)

    def answer_upload(self, status, upload):
        received = len(self.repository.uploads[upload])
        self.answer(status, {"Location": f"/v2/{self.name}/blobs/uploads/{upload}", "Range": f"0-{max(0, received - 1)}"})

    def get_blobs_uploads(self, upload, _query, _body):
        if upload in self.repository.uploads:
            self.answer_upload(204, upload)
        else:
            self.refuse(404, "BLOB_UPLOAD_UNKNOWN")

    def patch_blobs_uploads(self, upload, _query, body):
        if self.append(upload, body):
            self.answer_upload(202, upload)

    def put_blobs_uploads(self, upload, query, body):
        if self.append(upload, body):
            self.store_blob(query.get("digest", [""])[0], self.repository.uploads.pop(upload))

    def append(self, upload, body):
        """Whether the chunk comes next; it is answered where it does not."""
        if upload not in self.repository.uploads:
            self.refuse(404, "BLOB_UPLOAD_UNKNOWN")
            return False
        begin = re.match(r"\d+", self.headers.get("Content-Range", ""))
        if begin and int(begin[0]) != len(self.repository.uploads[upload]):
            self.answer_upload(416, upload)
            return False
        self.repository.uploads[upload] += body
        return True

    def delete_blobs_uploads(self, upload, _query, _body):
        if self.repository.uploads.pop(upload, None) is None:
            self.refuse(404, "BLOB_UPLOAD_UNKNOWN")
        else:
            self.answer(204)

    def store_blob(self, digest, content):
        if self.is_digest_of(digest, content):
            self.repository.blobs[digest] = content
            self.answer_created("blobs", digest, digest)

    def is_digest_of(self, digest, content):
        """Whether it is; it is answered where it is not."""
        right = DIGEST.fullmatch(digest) and digest == digest_of(digest.partition(":")[0], content)
        if not right:
            self.refuse(400, "DIGEST_INVALID")
        return right

    # Manifests

    def get_manifests(self, reference, _query, _body):
        digest = self.repository.tags.get(reference, reference)
        if digest not in self.repository.manifests:
            self.refuse(404, "MANIFEST_UNKNOWN")
            return
        media_type, content = self.repository.manifests[digest]
        self.answer(200, {"Content-Type": media_type, "Docker-Content-Digest": digest}, content)

    def put_manifests(self, reference, query, body):
        is_tag = TAG.fullmatch(reference)
        digest = digest_of("sha256", body) if is_tag else reference
        if not self.is_digest_of(digest, body):
            return
        tags = [reference] if is_tag else query.get("tag", [])
        self.repository.manifests[digest] = (self.headers.get("Content-Type", ""), body)
        self.repository.tags.update(dict.fromkeys(tags, digest))
        subject = json.loads(body).get("subject")
        more = {"OCI-Subject": subject["digest"]} if subject else {}
        if query.get("tag"):
            more["OCI-Tag"] = ", ".join(tags)
        self.answer_created("manifests", reference, digest, **more)

    def delete_manifests(self, reference, _query, _body):
        repository = self.repository
        if reference in repository.tags:
            del repository.tags[reference]
        elif reference in repository.manifests:
            del repository.manifests[reference]
            repository.tags = {tag: digest for tag, digest in repository.tags.items() if digest != reference}
        else:
            self.refuse(404, "MANIFEST_UNKNOWN")
            return
        self.answer(202)

    # Lists

    def get_tags(self, _reference, query, _body):
        tags = sorted(tag for tag in self.repository.tags if tag > query.get("last", [""])[0])
        page = tags[: int(query["n"][0])] if "n" in query else tags
        headers = {"Content-Type": "application/json"}
        if page and len(page) < len(tags):
            headers["Link"] = f'</v2/{self.name}/tags/list?n={len(page)}&last={page[-1]}>; rel="next"'
        self.answer(200, headers, encoded({"name": self.name, "tags": page}))

    def get_referrers(self, reference, query, _body):
        found = self.repository.referrers(reference)
        headers = {"Content-Type": INDEX}
        if "artifactType" in query:
            found = [descriptor for descriptor in found if descriptor["artifactType"] == query["artifactType"][0]]
            headers["OCI-Filters-Applied"] = "artifactType"
        self.answer(200, headers, encoded({"schemaVersion": 2, "mediaType": INDEX, "manifests": found}))
