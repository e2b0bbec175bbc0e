"""The subjects of a run, each a process on the loopback interface with its cache in a fresh folder."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WAR = ROOT / "target/entrepot.war"
DIST = ROOT / "target/dist"
FRESH = "fresh"
"""A tag that begins with this is served for an hour without asking; all others are revalidated each time."""

TAGS = f"{FRESH}*=1h"
TICKS = os.sysconf("SC_CLK_TCK")


class Unavailable(Exception):
    """A subject that this machine does not have."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One process, or a tree of them, that is measured from outside."""

    name = ""
    is_entrepot = False

    def __init__(self, work, upstream=None, **options):
        self.port = free_port()
        self.folder = work / f"{self.name}-{self.port}"
        self.cache = options.get("cache", self.folder / "cache")
        self.upstream = upstream
        self.options = options
        self.process = None
        self.folder.mkdir(parents=True)
        self.cache.mkdir(parents=True, exist_ok=True)
        self.prepare()

    def prepare(self):
        """Writes the configuration."""

    def command(self):
        raise NotImplementedError

    def environment(self):
        return {}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        """Starts it and waits for the first 200; returns the seconds that took."""
        begun = time.monotonic()
        with (self.folder / "out").open("ab") as out, (self.folder / "err").open("ab") as err:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=self.folder,
                env=os.environ | self.environment(),
                start_new_session=True,
            )
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() - begun > 600:
                raise RuntimeError(f"{self.name} does not start: see {self.folder}")
            time.sleep(0.005)
        return time.monotonic() - begun

    def answers(self):
        try:
            with urllib.request.urlopen(self.url + "/v2/", timeout=5) as response:
                return response.status == 200
        except OSError:
            return False

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def pids(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def cpu(self):
        """Seconds of processor time so far, user and system."""
        total = 0
        for pid in self.pids():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def forget_peak(self):
        for pid in self.pids():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def peak(self):
        """The most memory that was resident since the last `forget_peak`, in MiB."""
        kib = 0
        for pid in self.pids():
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM"):
                    kib += int(line.split()[1])
        return kib / 1024

    def drop_large(self):
        """Deletes large files from the cache, so that the cold cases do not fill the disk."""
        for file in self.cache.rglob("*"):
            if file.is_file() and file.stat().st_size > 1 << 20 and "index" not in file.parts:
                file.unlink(missing_ok=True)


class Registry(Server):
    """Debian's docker-registry as a proxy cache, or as the upstream where it has none itself."""

    name = "docker-registry"
    program = "docker-registry"

    def prepare(self):
        if not shutil.which(self.program):
            raise Unavailable(f"there is no {self.program}")
        lines = [
            "version: 0.1",
            "log: {level: error}",
            f"storage: {{filesystem: {{rootdirectory: {self.cache}}}}}",
            f'http: {{addr: "127.0.0.1:{self.port}"}}',
        ]
        if self.upstream:
            lines.append(f'proxy: {{remoteurl: "{self.upstream}"}}')
        (self.folder / "config.yml").write_text("\n".join(lines) + "\n")

    def command(self):
        return [self.program, "serve", "config.yml"]

    def environment(self):
        return {"OTEL_TRACES_EXPORTER": "none"}

    def requests(self, method, part):
        """How many such requests the access log holds."""
        text = (self.folder / "out").read_text(errors="replace")
        return sum(f'"{method} ' in line and part in line for line in text.splitlines())


class Distribution(Registry):
    name = "distribution-v3"
    program = os.environ.get("BENCH_DISTRIBUTION", "registry")


class Zot(Server):
    name = "zot"
    program = os.environ.get("BENCH_ZOT", "zot")

    def prepare(self):
        if not shutil.which(self.program):
            raise Unavailable(f"there is no {self.program}")
        (self.folder / "config.json").write_text(
            f"""{{"storage": {{"rootDirectory": "{self.cache}"}},
"http": {{"address": "127.0.0.1", "port": "{self.port}"}}, "log": {{"level": "error"}},
"extensions": {{"sync": {{"enable": true, "registries": [{{"urls": ["{self.upstream}"], "onDemand": true,
"tlsVerify": false, "content": [{{"prefix": "**"}}]}}]}}}}}}"""
        )

    def command(self):
        return [self.program, "serve", "config.json"]


class Nginx(Server):
    """nginx as a cache with a lock, which knows nothing of registries: it asks about nothing for an hour."""

    name = "nginx"

    def prepare(self):
        if not shutil.which("nginx"):
            raise Unavailable("there is no nginx")
        (self.folder / "nginx.conf").write_text(
            f"""
daemon off;
user {getpass.getuser()};
pid {self.folder}/pid;
worker_processes auto;
worker_rlimit_nofile 65536;
events {{ worker_connections 8192; }}
http {{
  access_log {self.folder}/access.log;
  sendfile on; tcp_nopush on; keepalive_requests 100000;
  client_body_temp_path {self.folder}/body; proxy_temp_path {self.folder}/temp;
  fastcgi_temp_path {self.folder}/f; uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
  proxy_cache_path {self.cache} levels=1:2 keys_zone=registry:64m max_size=200g inactive=7d use_temp_path=off;
  server {{
    listen 127.0.0.1:{self.port} backlog=4096;
    location /v2/ {{
      proxy_pass {self.upstream};
      proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_cache registry; proxy_cache_valid 200 1h; proxy_max_temp_file_size 0;
      proxy_cache_lock on; proxy_cache_lock_timeout 10m; proxy_cache_lock_age 10m;
    }}
  }}
}}
"""
        )

    def command(self):
        return ["nginx", "-e", f"{self.folder}/error.log", "-c", f"{self.folder}/nginx.conf", "-p", str(self.folder)]


class Executable(Server):
    """Entrepot by `java -jar`."""

    name = "entrepot-war"
    is_entrepot = True

    def java(self):
        return [shutil.which("java"), f"-Xmx{self.options.get('heap', '512m')}", *os.environ.get("BENCH_JAVA_OPTIONS", "").split()]

    def prepare(self):
        if not WAR.is_file():
            raise Unavailable("target/entrepot.war is not built")
        shutil.copy(WAR, self.folder / "entrepot.war")  # a build meanwhile must not change what runs

    def command(self):
        return [*self.java(), "-jar", "entrepot.war", "--addr", f"127.0.0.1:{self.port}", "--data", str(self.cache)]

    def environment(self):
        return {"ENTREPOT_PROXY_REMOTEURL": self.upstream, "ENTREPOT_PROXY_TAGS": TAGS} | self.options.get("settings", {})


class Tomcat(Executable):
    """Entrepot in Tomcat 10.1, as tomcat-conf/README.md says."""

    name = "entrepot-tomcat"

    def prepare(self):
        super().prepare()
        self.home = unpacked("apache-tomcat-10.1.*")
        for part in ("bin", "logs", "temp", "webapps", "work"):
            (self.folder / part).mkdir()
        conf = shutil.copytree(ROOT / "tomcat-conf", self.folder / "conf")
        shutil.copy(self.home / "conf/web.xml", conf)
        (conf / "tls").mkdir()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=bench"]
            + ["-keyout", conf / "tls/key.pem", "-out", conf / "tls/certificate.pem"],
            check=True,
            capture_output=True,
        )
        shutil.move(conf / "setenv.sh", self.folder / "bin")
        shutil.move(self.folder / "entrepot.war", self.folder / "webapps/ROOT.war")

    def command(self):
        return ["sh", str(self.home / "bin/catalina.sh"), "run"]

    def environment(self):
        options = [
            "-Dtomcat.http.address=127.0.0.1",
            f"-Dtomcat.http.port={self.port}",
            "-Dtomcat.https.address=127.0.0.1",
            "-Dtomcat.https.port=0",
            f"-Dtomcat.upstream.url={self.upstream}",
            f"-Dtomcat.storage.folder={self.cache}",
            os.environ.get("BENCH_JAVA_OPTIONS", ""),
        ]
        return super().environment() | {
            "CATALINA_HOME": str(self.home),
            "CATALINA_BASE": str(self.folder),
            "CATALINA_OPTS": " ".join(options),
            "TOMCAT_HEAP": self.options.get("heap", "512m"),
        }


class Jetty(Executable):
    """Entrepot in Jetty 12, as jetty-conf/README.md says."""

    name = "entrepot-jetty"

    def prepare(self):
        super().prepare()
        self.home = unpacked("jetty-home-12.1.*", "jetty-home-12.0.*")
        for part in ("lib/ext", "logs", "work"):
            (self.folder / part).mkdir(parents=True)
        for part in ("start.d", "webapps"):
            shutil.copytree(ROOT / "jetty-conf" / part, self.folder / part)
        shutil.copy(ROOT / "jetty-conf/logging.properties", self.folder)
        shutil.move(self.folder / "entrepot.war", self.folder / "webapps/root.war")

    def command(self):
        return [
            *self.java(),
            "-Djava.util.logging.config.file=logging.properties",
            f"-Dregistry.upstream={self.upstream}",
            f"-Dregistry.storage={self.cache}",
            "-jar",
            str(self.home / "start.jar"),
            f"jetty.base={self.folder}",
            "jetty.http.host=127.0.0.1",
            f"jetty.http.port={self.port}",
        ]


def unpacked(*patterns):
    for pattern in patterns:
        for folder in sorted(DIST.glob(pattern), reverse=True):
            return folder
    raise Unavailable(f"there is no {patterns[0]} in target/dist")


PEERS = [Registry, Nginx, Distribution, Zot]
ENTREPOTS = [Tomcat, Jetty, Executable]
