"""Debian's docker-registry."""

import re

from harness.checks import need_program
from harness.server import Server


def blob_file(folder, digest):
    """Where a registry that stores in this folder has the bytes of a blob."""
    value = digest.removeprefix("sha256:")
    return folder / "docker/registry/v2/blobs/sha256" / value[:2] / value / "data"


class Registry(Server):
    """A registry, or a proxy cache where it has an upstream. Its log names each request that it has answered."""

    name = "docker-registry"
    program = "docker-registry"

    def __init__(self, folder, upstream=None, more=(), deletes=False, **options):
        self._more = more
        self._deletes = deletes
        super().__init__(folder, upstream, **options)

    def prepare(self):
        need_program(self.program)
        lines = [
            "version: 0.1",
            "log: {level: error}",
            f"storage: {{filesystem: {{rootdirectory: {self.data}}}, delete: {{enabled: {str(self._deletes).lower()}}}}}",
            f'http: {{addr: "127.0.0.1:{self.port}"}}',
            *self._more,
        ]
        if self.upstream:
            lines.append(f'proxy: {{remoteurl: "{self.upstream}"}}')
        (self.folder / "config.yml").write_text("\n".join(lines) + "\n")

    def command(self):
        return [self.program, "serve", "config.yml"]

    def environment(self):
        return {"OTEL_TRACES_EXPORTER": "none"}

    def sent(self, digest):
        """Bytes of this blob that it has sent, by its log."""
        return sum(int(sent) for sent in re.findall(rf'"GET \S*{digest} HTTP/1.1" 20[06] (\d+) ', self.log()))
