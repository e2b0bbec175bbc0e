"""The PostgreSQL and the S3 service beside the nodes, and the nodes."""

import atexit
import functools
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import golang
from harness.checks import Skipped, expect_equal, need_root
from harness.client import Broken, ask
from harness.debian import unpack
from harness.entrepot import ROOT, Executable, Jetty, Tomcat
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
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.chown(self.folder, self.user().pw_name)
        subprocess.run(["cp", "-a", self.empty(str(self._programs)), self.data], check=True)

    @staticmethod
    @functools.cache
    def empty(programs):
        """A folder of an empty database, which is made once and copied for each check."""
        above = Path(tempfile.mkdtemp(prefix="entrepot-postgres-"))
        atexit.register(shutil.rmtree, above)
        shutil.chown(above, Postgres.user().pw_name)
        command = [f"{programs}/initdb", "-D", above / "data", "-U", "entrepot", "--auth=trust", "--no-sync"]
        subprocess.run([*Postgres.as_user(), *command], check=True, capture_output=True)
        return above / "data"

    @staticmethod
    def user():
        try:
            return pwd.getpwnam("postgres")
        except KeyError:
            return pwd.getpwnam("nobody")

    @staticmethod
    def as_user():
        user = Postgres.user()
        return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]

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

    def crash(self):
        """Ends it at once, so that the next start has to recover."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)

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
        self._program = self.program()
        (self.data / BUCKET).mkdir(parents=True)

    @staticmethod
    @functools.cache
    def program():
        return golang.build(Path(__file__).parent / "s3server", "github.com/versity/versitygw/cmd/versitygw")

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


class Moto(Server):
    """Another S3 service: moto, which keeps its objects in memory. It knows no wrong keys and regions."""

    name = "moto"
    VERSION = "5.2.5"
    FOLDER = ROOT / "target/moto"

    def prepare(self):
        if (self.FOLDER / "bin/moto_server").is_file():
            return
        for command in ([sys.executable, "-m", "venv", self.FOLDER], [self.FOLDER / "bin/pip", "install", "-q", f"moto[s3,server]=={self.VERSION}"]):
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False)
            if done.returncode:
                raise Skipped(f"moto {self.VERSION} is not to be had here: {done.stderr[-300:]}")

    def command(self):
        return [str(self.FOLDER / "bin/moto_server"), "-H", "127.0.0.1", "-p", str(self.port)]

    def answers(self):
        try:
            return ask(self.url, f"/{BUCKET}", "PUT", timeout=5).status == 200
        except Broken:
            return False

    settings = S3Service.settings

    def objects(self):
        """The keys in the bucket."""
        listed = ask(self.url, f"/{BUCKET}?list-type=2").body.decode()
        return set(re.findall("<Key>([^<]+)</Key>", listed))


class Nginx(Server):
    """A load balancer by the very file of deploy/compose. Only its names and ports are those of this machine."""

    name = "nginx"
    FILE = ROOT / "deploy/compose/nginx.conf"

    def __init__(self, folder, nodes):
        self._nodes = nodes
        super().__init__(folder)

    def prepare(self):
        self._program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or unpack("nginx", "usr/sbin/nginx")
        here = {f"server {name}:5000": f"server 127.0.0.1:{node.port}" for name, node in zip("abc", self._nodes, strict=True)}
        here["listen 5000"] = f"listen 127.0.0.1:{self.port}"
        # Debian's package makes the folders of these, and it may only be unpacked here.
        folders = [f"{name}_temp_path {self.folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
        here["http {"] = " ".join(["http {", f"access_log {self.folder}/access.log;", *folders])
        text = self.FILE.read_text()
        for theirs, ours in here.items():
            expect_equal(f"places of {theirs!r} in {self.FILE.name}", 1, text.count(theirs))
            text = text.replace(theirs, ours)
        (self.folder / "nginx.conf").write_text(text)
        (self.folder / "logs").mkdir()

    def command(self):
        more = f"daemon off; pid {self.folder}/nginx.pid; error_log stderr;"
        return [str(self._program), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-g", more]


class OnOnePostgres:
    """What makes a server a node: a folder of its own, with the database and, if there is one, the bucket of all."""

    patience = 180

    def __init__(self, run, upstream, postgres, service=None, name="node", port=None, **settings):
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
        super().__init__(run.folder / name, upstream.url, settings=given, heap="256m", port=port)
        run.closing(self)

    def health(self):
        """What is broken and why, as a dictionary."""
        return {trouble["what"]: trouble["why"] for trouble in self.get("/api/health").json()["degraded"]}

    def wipe(self):
        """Takes the near copies away, as an empty folder would be."""
        shutil.rmtree(self.data / "blobs")
        os.mkdir(self.data / "blobs")


class Node(OnOnePostgres, Executable):
    """A node by `java -jar`, which listens for other nodes at a port of its own."""


class TomcatNode(OnOnePostgres, Tomcat):
    """A node in Tomcat, which answers other nodes where it answers clients."""

    classes = (*Tomcat.classes, "org/postgresql/")


class JettyNode(OnOnePostgres, Jetty):
    """A node in Jetty, as the one in Tomcat."""

    classes = (*Jetty.classes, "org/postgresql/")
