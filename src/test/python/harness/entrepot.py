"""The packaged WAR: by `java -jar`, and in Tomcat."""

import os
import re
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

from harness.certificate import write_certificate
from harness.checks import Skipped
from harness.server import Server

ROOT = Path(__file__).resolve().parents[4]
WAR = ROOT / "target/entrepot.war"
DIST = ROOT / "target/dist"


def java(program="java"):
    """A program of the JDK that JAVA_HOME names, or else of the one on the path."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home, "bin", program)) if home else program


def unpacked(*patterns):
    """The folder of a server that the build has unpacked."""
    for pattern in patterns:
        for folder in sorted(DIST.glob(pattern), reverse=True):
            return folder
    raise Skipped(f"there is no {patterns[0]} in target/dist: run mvn verify first")


def blob_file(data, digest):
    """Where an Entrepot that stores in this folder has the bytes of a blob."""
    algorithm, value = digest.split(":")
    return data / "blobs" / algorithm / value[:2] / value


def plant(data, digest, content):
    """Lays a blob into a folder as if it had been pulled."""
    file = blob_file(data, digest)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


class Executable(Server):
    """Entrepot by `java -jar`, with settings such as {"proxy.ttl": "1h"}."""

    name = "entrepot-war"
    is_entrepot = True
    war = WAR

    def __init__(self, folder, upstream=None, settings=None, heap="512m", java_options=(), **options):
        self.settings = dict(settings or {})
        self.heap = heap
        self._java_options = java_options
        super().__init__(folder, upstream, **options)

    def prepare(self):
        if not self.war.is_file():
            raise Skipped(f"{self.war.relative_to(ROOT)} is not built")
        shutil.copy(self.war, self.folder / "entrepot.war")  # a build meanwhile must not change what runs

    def java(self):
        return [java(), f"-Xmx{self.heap}", *self._java_options]

    def command(self):
        command = [*self.java(), "-jar", "entrepot.war", "--addr", f"127.0.0.1:{self.port}", "--data", str(self.data)]
        for key, value in ({"proxy.remoteurl": self.upstream} | self.settings).items():
            command += ["--set", f"{key}={value}"]
        return command

    def stats(self):
        return self.get("/api/stats", timeout=120).json()

    def where_it_is(self):
        """The stacks of its threads, those that the JVM has for itself left out."""
        command = [java("jcmd"), str(self.pid), "Thread.print"]
        threads = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.split("\n\n")
        return "\n".join(["", *(thread for thread in threads if "\tat " in thread)])

    def heap_after_collection(self):
        """Bytes of heap in use when all that can be collected has been."""
        jcmd = [java("jcmd"), str(self.pid)]
        subprocess.run([*jcmd, "GC.run"], check=True, capture_output=True)
        info = subprocess.run([*jcmd, "GC.heap_info"], check=True, capture_output=True, text=True).stdout
        return sum(int(used) * 1024 for used in re.findall(r"^ .*(?:heap|generation) .*used (\d+)K", info, re.M))

    def heap_below(self, most, seconds=15):
        """As heap_after_collection. Is it too much, the server gets some time to see which connections were closed."""
        deadline = time.monotonic() + seconds
        while (heap := self.heap_after_collection()) >= most and time.monotonic() < deadline:
            time.sleep(1)
        return heap


class InServer(Executable):
    """Entrepot in a servlet container, which is told of the upstream and the folder as its own README says."""

    # Packages that the server itself needs.
    classes = ("io/entrepot/launch/errors/",)

    def put_classes(self, folder):
        """Takes the classes for the server itself out of the WAR."""
        with zipfile.ZipFile(self.folder / "entrepot.war") as war:
            war.extractall(self.folder / folder, [name for name in war.namelist() if name.startswith(self.classes)])

    def environment(self):
        return {"ENTREPOT_" + key.replace(".", "_").upper(): value for key, value in self.settings.items()}


class Tomcat(InServer):
    """Entrepot in Tomcat 10.1, with a base of its own as tomcat-conf/README.md says; the server stays as it was unpacked."""

    name = "entrepot-tomcat"
    classes = (*InServer.classes, "io/entrepot/launch/limits/")

    def __init__(self, folder, upstream=None, tls_port=0, **options):
        self._tls_port = tls_port
        super().__init__(folder, upstream, **options)

    def prepare(self):
        self.home = unpacked("apache-tomcat-10.1.*")
        if (self.folder / "conf").exists():
            return  # from an earlier start
        super().prepare()
        for part in ("bin", "logs", "temp", "webapps", "work"):
            (self.folder / part).mkdir()
        conf = shutil.copytree(ROOT / "tomcat-conf", self.folder / "conf")
        shutil.copy(self.home / "conf/web.xml", conf)
        (conf / "tls").mkdir()
        write_certificate(conf / "tls/key.pem", conf / "tls/certificate.pem")
        shutil.move(conf / "setenv.sh", self.folder / "bin")
        self.put_classes("lib")
        shutil.move(self.folder / "entrepot.war", self.folder / "webapps/ROOT.war")

    def command(self):
        return ["sh", str(self.home / "bin/catalina.sh"), "run"]

    def environment(self):
        options = [
            "-Dtomcat.http.address=127.0.0.1",
            f"-Dtomcat.http.port={self.port}",
            "-Dtomcat.https.address=127.0.0.1",
            f"-Dtomcat.https.port={self._tls_port}",
            f"-Dtomcat.upstream.url={self.upstream}",
            f"-Dtomcat.storage.folder={self.data}",
            *self._java_options,
        ]
        return super().environment() | {
            "CATALINA_HOME": str(self.home),
            "CATALINA_BASE": str(self.folder),
            "CATALINA_OPTS": " ".join(options),
            "TOMCAT_HEAP": self.heap,
        }


class Jetty(InServer):
    """Entrepot in Jetty 12, as jetty-conf/README.md says."""

    name = "entrepot-jetty"

    def prepare(self):
        super().prepare()
        self.home = unpacked("jetty-home-12.1.*", "jetty-home-12.0.*")
        for part in ("lib/ext", "logs", "work"):
            (self.folder / part).mkdir(parents=True)
        self.put_classes("resources")
        for part in ("etc", "start.d", "webapps"):
            shutil.copytree(ROOT / "jetty-conf" / part, self.folder / part)
        shutil.copy(ROOT / "jetty-conf/logging.properties", self.folder)
        shutil.move(self.folder / "entrepot.war", self.folder / "webapps/root.war")

    def command(self):
        return [
            *self.java(),
            "-Djava.util.logging.config.file=logging.properties",
            f"-Dregistry.upstream={self.upstream}",
            f"-Dregistry.storage={self.data}",
            "-jar",
            str(self.home / "start.jar"),
            f"jetty.base={self.folder}",
            "jetty.http.host=127.0.0.1",
            f"jetty.http.port={self.port}",
        ]
