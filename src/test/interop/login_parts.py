"""What the ways to log in are made of: users, authorities, programs, and what is pulled."""

import gzip
import hashlib
import io
import os
import shutil
import socket
import subprocess
import tarfile

from harness.checks import Skipped, expect
from harness.client import Connection
from harness.contents import descriptor, digest_of, encoded, image_manifest
from harness.server import Server

PEOPLE = ("ann", "bob")
# As tomcat-conf/server.xml has them.
TOMCAT_ITERATIONS, TOMCAT_KEY_BYTES, TOMCAT_SALT_BYTES = 100000, 32, 16
CHART = "application/vnd.cncf.helm.config.v1+json", "application/vnd.cncf.helm.chart.content.v1.tar+gzip"


class Program(Server):
    """A program that listens, or does otherwise what a subclass knows."""

    patience = 60

    def __init__(self, folder, command, port):
        self.name = folder.name
        self._command = [str(part) for part in command]
        if not shutil.which(self._command[0]):
            raise Skipped(f"there is no {self._command[0]}")
        super().__init__(folder, port=port)

    def command(self):
        return self._command

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True


class Authority:
    """An authority that certifies clients."""

    def __init__(self, folder):
        folder.mkdir()
        self._folder = folder
        self.file = folder / "ca.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={folder.name}",
                "-addext", "keyUsage=keyCertSign", "-keyout", folder / "ca.key", "-out", self.file)  # fmt: skip

    def certify(self, name, days=2):
        """The folder of a certificate, as skopeo wants it."""
        folder = self._folder / f"{name}{days}"
        folder.mkdir()
        request, certificate, key = folder / "request", folder / "client.cert", folder / "client.key"
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-days", days, "-in", request, "-CA", self.file, "-CAkey", self._folder / "ca.key", "-CAcreateserial",
                "-out", certificate)  # fmt: skip
        request.unlink()
        return folder


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"openssl {arguments[0]}: {done.stderr[-200:]}")


def users_file(file):
    """ann and bob, each with their name and "-password", as htpasswd writes them."""
    for name in PEOPLE:
        create = "" if file.exists() else "c"
        subprocess.run(["htpasswd", f"-Bb{create}", file, name, f"{name}-password"], check=True, capture_output=True)
    return file


def tomcat_user(name, role):
    """A line of tomcat-users.xml, with the password derived."""
    salt = os.urandom(TOMCAT_SALT_BYTES)
    key = hashlib.pbkdf2_hmac("sha512", f"{name}-password".encode(), salt, TOMCAT_ITERATIONS, TOMCAT_KEY_BYTES)
    return f'  <user username="{name}" password="{salt.hex()}${TOMCAT_ITERATIONS}${key.hex()}" roles="{role}"/>\n'


def publish(url):
    """Puts an image and a chart, each of some hundred bytes, into a registry; returns what of them a client can tell."""
    image = encoded({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": [digest_of(tar("file"))]}})
    layer = gzip.compress(tar("file"), mtime=0)
    kinds = "application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar+gzip"
    digest = put(url, "ann/image", "1", kinds, image, layer)
    chart = b"apiVersion: v2\nname: chart\nversion: 1.0.0\ndescription: the chart of ann\n"
    values = encoded({"apiVersion": "v2", "name": "chart", "version": "1.0.0"})
    put(url, "ann/chart", "1.0.0", CHART, values, gzip.compress(tar("chart/Chart.yaml", chart), mtime=0))
    return digest, "the chart of ann"


def tar(name, content=b"content"):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def put(url, repository, tag, kinds, *blobs):
    connection = Connection(url)
    for blob in blobs:
        begun = connection.ask(f"/v2/{repository}/blobs/uploads/", "POST")
        location = begun.headers["Location"].removeprefix(url)
        done = connection.ask(f"{location}&digest={digest_of(blob)}", "PUT", blob)
        expect(done.status == 201, f"the registry takes no blob: {done.status}")
    config, layer = (descriptor(kind, blob) for kind, blob in zip(kinds, blobs, strict=True))
    manifest = encoded(image_manifest(config, [layer]))
    headers = {"Content-Type": "application/vnd.oci.image.manifest.v1+json"}
    done = connection.ask(f"/v2/{repository}/manifests/{tag}", "PUT", manifest, **headers)
    expect(done.status == 201, f"the registry takes no manifest: {done.status}")
    connection.close()
    return digest_of(manifest)
