"""The PostgreSQL and the S3 service beside the nodes, and the nodes."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from harness import golang
from harness.checks import Skipped, need_root
from harness.client import Broken, ask
from harness.entrepot import Executable
from harness.server import Server

BUCKET = "goods"
ACCESS_KEY = "tester"
SECRET_KEY = "testing-secret"


class Postgres(Server):
    """A PostgreSQL with an empty database, by the programs of the machine."""

    name = "postgres"

    def prepare(self):
        need_root("running PostgreSQL as a user of its own")
        self._programs = next((folder for folder in program_folders() if (folder / "initdb").exists()), None)
        if self._programs is None:
            raise Skipped("there is no PostgreSQL: install Debian's postgresql")
        self.folder.parent.chmod(0o755)
        for folder in (self.folder, self.data):
            folder.mkdir(parents=True, exist_ok=True)
            shutil.chown(folder, self.user().pw_name)
        subprocess.run(
            [*self.as_user(), self._programs / "initdb", "-D", self.data, "-U", "entrepot", "--auth=trust", "--no-sync"],
            check=True,
            capture_output=True,
        )

    @staticmethod
    def user():
        try:
            return pwd.getpwnam("postgres")
        except KeyError:
            return pwd.getpwnam("nobody")

    def as_user(self):
        return ["setpriv", f"--reuid={self.user().pw_uid}", f"--regid={self.user().pw_gid}", "--clear-groups"]

    def command(self):
        options = ["-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        return [*self.as_user(), str(self._programs / "postgres"), "-D", str(self.data), *options]

    def answers(self):
        return subprocess.run(
            [self._programs / "pg_isready", "-q", "-U", "entrepot", "-h", "127.0.0.1", "-p", str(self.port)], check=False
        ).returncode == 0

    def ask(self, sql):
        """Runs a statement, and returns what it answers as text."""
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "entrepot", "-d", "postgres"]
        command = [self._programs / "psql", *where, "-At", "-v", "ON_ERROR_STOP=1", "-c", sql]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    @property
    def jdbc(self):
        return f"jdbc:postgresql://127.0.0.1:{self.port}/postgres"


def program_folders():
    """Where PostgreSQL's programs may be, the newest first."""
    return sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


class S3Service(Server):
    """An S3 service that keeps its objects as files, with one bucket."""

    name = "versitygw"

    def prepare(self):
        self._program = golang.build(Path(__file__).parent / "s3server", "github.com/versity/versitygw/cmd/versitygw")
        (self.data / BUCKET).mkdir(parents=True)

    def command(self):
        return [str(self._program), "--port", f"127.0.0.1:{self.port}", "posix", str(self.data)]

    def environment(self):
        return {"ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY}

    def answers(self):
        try:
            return ask(self.url, "/", timeout=5).status == 403  # nobody has signed
        except Broken:
            return False

    @property
    def settings(self):
        return {
            "storage.s3.bucket": BUCKET,
            "storage.s3.endpoint": self.url,
            "storage.s3.pathstyle": "true",
            "storage.s3.accesskey": ACCESS_KEY,
            "storage.s3.secretkey": SECRET_KEY,
        }

    def objects(self):
        """The keys in the bucket."""
        bucket = self.data / BUCKET
        return {str(file.relative_to(bucket)) for file in bucket.rglob("*") if file.is_file() and ".sgwtmp" not in file.parts}

    def asked(self, method):
        """How many requests it has logged with this method."""
        return self.log().count(f"| {method} |")


class Node(Executable):
    """A node: the packaged WAR on a folder of its own, with the database and, if there is one, the bucket."""

    patience = 180

    def __init__(self, run, upstream, postgres, service=None, name="node", **settings):
        self.name = name
        given = {
            "storage.reserve": "0B",
            "storage.unlinkgrace": "0s",
            "proxy.parallel": "1",
            "proxy.revalidate": "1h",
            "database.url": postgres.jdbc,
            "database.username": "entrepot",
        }
        given |= service.settings if service else {}
        given |= {key.replace("_", "."): value for key, value in settings.items()}
        super().__init__(run.folder / name, upstream.url, settings=given, heap="256m")
        run.closing(self)

    def health(self):
        """What is broken and why, as a dictionary."""
        return {trouble["what"]: trouble["why"] for trouble in self.get("/api/health").json()["degraded"]}

    def wipe(self):
        """Takes the near copies away, as an empty folder would be."""
        shutil.rmtree(self.data / "blobs")
        os.mkdir(self.data / "blobs")
