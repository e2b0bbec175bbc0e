"""What is wrong already when it starts: folders and files that promise something else."""

import json
import time

from harness import registry
from harness.checks import expect
from harness.contents import digest_of
from harness.entrepot import Executable
from harness.waiting import wait_until

from attack import attack


@attack("S38", places=("war",))
def import_follows_no_link(attack):
    content = b"what only root may read" * 50
    outside = attack.folder / "outside"
    outside.write_bytes(content)
    digest = digest_of(content)
    folder = attack.folder / "old"
    data = registry.blob_file(folder, digest)
    data.parent.mkdir(parents=True)
    data.symlink_to(outside)
    links = folder / "docker/registry/v2/repositories/team/app/_layers/sha256" / digest.removeprefix("sha256:")
    links.mkdir(parents=True)
    (links / "link").write_text(digest)
    settings = {"storage.reserve": "0B", "import.dir": str(folder)}
    server = attack.closing(Executable(attack.folder / "import", attack.upstream.url, settings=settings, heap="128m"))
    server.start()
    time.sleep(1)
    first = server.get(f"/v2/team/app/blobs/{digest}")
    outside.write_bytes(b"changed")
    second = server.get(f"/v2/team/app/blobs/{digest}")
    expect(first.status == second.status == 404, f"what the link leads to is served: {first.status}, {second.status}")


@attack("S39", places=("war",))
def protection_that_is_not_kept_stops_the_start(attack):
    for number, (key, value) in enumerate(
        (("auth", {"htpasswd": {"realm": "r", "path": "/etc/htpasswd"}}), ("auth", {"token": {"realm": "https://auth.example/token"}}))
    ):
        expect_refused(attack, number, {key: value}, key)
    expect_refused(attack, 9, {"http": {"tls": {"clientcas": ["/etc/ca.pem"]}}}, "clientcas")


def expect_refused(attack, number, config, key):
    server = Executable(attack.folder / f"start{number}", attack.upstream.url, heap="128m")
    attack.closing(server)
    file = server.folder / "config.yml"
    file.write_text(json.dumps({"version": 0.1, "proxy": {"remoteurl": attack.upstream.url}} | config))
    server.settings = {"config": str(file)}
    server.launch()
    wait_until(20, f"an end or an answer with {key}", lambda: server.has_ended() or server.answers())
    expect(server.has_ended() and server.process.returncode != 0, f"it starts with {key} in its file, open to all")
    expect(key in server.log(), f"it does not say that {key} is why: {server.last_words()}")
