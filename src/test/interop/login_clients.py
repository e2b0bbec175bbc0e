"""Clients that each ask for an image or a chart, with the login of a cell of the matrix of logins.

A client is a function of a `Cell`. It gives what has come, or raises `Refused`.
"""

import base64
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness import golang
from harness.checks import Skipped, expect_equal

SECONDS = 60


class Refused(Exception):
    """The client got nothing, and says why."""


@dataclass(frozen=True)
class Login:
    """A user with a password, or a folder with a certificate and its key, or a token that only a request by hand can carry."""

    user: str = ""
    password: str = ""
    certificate: Path | None = None
    bearer: str = ""


@dataclass(frozen=True)
class Cell:
    """What a client is asked to do: pull from a host as somebody. `authority` is a file, where the host speaks TLS."""

    folder: Path
    host: str
    login: Login
    authority: Path | None = None
    realm: str = ""

    @property
    def url(self):
        return f"{'https' if self.authority else 'http'}://{self.host}"

    def logins(self, name="config.json"):
        """The file that `docker login` leaves, which most clients read."""
        login = f"{self.login.user}:{self.login.password}"
        entry = {"auth": base64.b64encode(login.encode()).decode()}
        file = self.folder / name
        file.write_text(json.dumps({"auths": {self.host: entry} if self.login.user else {}}))
        return str(file)

    def with_certificate(self, authority, certificate, key):
        """Options for TLS, by the names that the client gives them."""
        options = [authority, str(self.authority)] if self.authority else []
        if self.login.certificate:
            options += [certificate, f"{self.login.certificate}/client.cert", key, f"{self.login.certificate}/client.key"]
        return options

    def run(self, *command, **environment):
        path = {"PATH": f"{golang.PROGRAMS}:{os.environ['PATH']}"}
        if not shutil.which(command[0], path=path["PATH"]):
            raise Skipped(f"there is no {command[0]}")
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=os.environ | path | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            raise Refused(done.stderr.decode(errors="replace").strip()[-300:])
        return done.stdout.decode(errors="replace")


def containers_tls(cell):
    """How skopeo and podman are told of TLS: by a folder."""
    if not cell.authority:
        return ["--tls-verify=false"]
    folder = cell.folder / "certificates"
    shutil.rmtree(folder, ignore_errors=True)
    if cell.login.certificate:
        shutil.copytree(cell.login.certificate, folder)
    else:
        folder.mkdir()
    shutil.copy(cell.authority, folder / "ca.crt")
    return ["--cert-dir", str(folder)]


def skopeo(cell):
    options = [*containers_tls(cell), "--authfile", cell.logins()]
    return cell.run("skopeo", "--insecure-policy", "inspect", "--format", "{{.Digest}}", *options, f"docker://{cell.host}/ann/image:1")


def podman(cell):
    storage = ["--root", f"{cell.folder}/root", "--runroot", f"{cell.folder}/runroot", "--storage-driver", "vfs"]
    options = ["--quiet", *containers_tls(cell), "--authfile", cell.logins()]
    cell.run("podman", *storage, "pull", *options, f"{cell.host}/ann/image:1")
    return cell.run("podman", *storage, "image", "inspect", "--format", "{{.Digest}}", f"{cell.host}/ann/image:1")


def crane(cell):
    cell.logins()
    return cell.run("crane", "digest", "--insecure", f"{cell.host}/ann/image:1", DOCKER_CONFIG=str(cell.folder))


def oras(cell):
    options = [*cell.with_certificate("--ca-file", "--cert-file", "--key-file"), "--registry-config", cell.logins()]
    plain = [] if cell.authority else ["--plain-http"]
    return cell.run("oras", "manifest", "fetch", "--descriptor", *plain, *options, f"{cell.host}/ann/image:1")


def regctl(cell):
    host = {"tls": "enabled" if cell.authority else "disabled", "user": cell.login.user, "pass": cell.login.password}
    if cell.authority:
        host["regcert"] = cell.authority.read_text()
    if cell.login.certificate:
        host["clientcert"] = (cell.login.certificate / "client.cert").read_text()
        host["clientkey"] = (cell.login.certificate / "client.key").read_text()
    file = cell.folder / "regctl.json"
    file.write_text(json.dumps({"hosts": {cell.host: host}}))
    file.chmod(0o600)
    return cell.run("regctl", "image", "digest", f"{cell.host}/ann/image:1", REGCTL_CONFIG=str(file), DOCKER_CONFIG=str(cell.folder / "none"))


def helm(cell):
    homes = {f"HELM_{kind}_HOME": f"{cell.folder}/helm" for kind in ("CACHE", "CONFIG", "DATA")}
    options = [*cell.with_certificate("--ca-file", "--cert-file", "--key-file"), "--registry-config", cell.logins()]
    plain = [] if cell.authority else ["--plain-http"]
    return cell.run(
        "helm", "show", "chart", f"oci://{cell.host}/ann/chart", "--version", "1.0.0", *plain, *options, **homes
    )


def containerd(cell):
    """Needs the socket of a containerd in the folder above."""
    options = ["--hosts-dir", hosts_folder(cell)] if cell.authority else ["--plain-http"]
    options += ["--user", f"{cell.login.user}:{cell.login.password}"] if cell.login.user else []
    ctr = ["ctr", "--address", f"{cell.folder.parent}/containerd/socket"]
    cell.run(*ctr, "content", "fetch", *options, f"{cell.host}/ann/image:1")
    return cell.run(*ctr, "images", "list", f"name=={cell.host}/ann/image:1")


def hosts_folder(cell):
    """What containerd knows of a host is in a file."""
    file = cell.folder / "hosts" / cell.host / "hosts.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [f'server = "{cell.url}"', f'[host."{cell.url}"]', 'capabilities = ["pull", "resolve"]', f'ca = "{cell.authority}"']
    if cell.login.certificate:
        lines.append(f'client = [["{cell.login.certificate}/client.cert", "{cell.login.certificate}/client.key"]]')
    file.write_text("\n".join(lines) + "\n")
    return str(cell.folder / "hosts")


def curl(cell):
    """By hand: a token from where the challenge says, and the manifest with it."""
    bearer = token(cell) if cell.login.user else cell.login.bearer
    options = ["--header", f"Authorization: Bearer {bearer}"] if bearer else []
    options += ["--header", "Accept: application/vnd.oci.image.manifest.v1+json", "--dump-header", f"{cell.folder}/head"]
    curled(cell, f"{cell.url}/v2/ann/image/manifests/1", *options)
    return (cell.folder / "head").read_text()


def token(cell):
    login = f"{cell.login.user}:{cell.login.password}"
    answer = json.loads(curled(cell, f"{cell.realm}?service=cache&scope=repository:ann/image:pull", "--user", login))
    return answer.get("token") or answer["access_token"]


def curled(cell, url, *options):
    """The body of a 200. A 401 is a refusal, a 403 one of a person who is known, and any other status is wrong here."""
    body = cell.folder / "body"
    tls = cell.with_certificate("--cacert", "--cert", "--key")
    status = cell.run("curl", "-sS", "-o", str(body), "-w", "%{http_code}", *tls, *options, url)
    if status == "401" or (status == "403" and cell.login.certificate):
        raise Refused(status)
    expect_equal(f"status of {url}", "200", status)
    return body.read_text()


# curl comes first: it tells one refusal from another, before those of the others are too many for one address.
CLIENTS = (curl, skopeo, podman, crane, containerd, helm, oras, regctl)
