"""Builds the image of deploy/docker by the lines of its README, and runs it, without a Docker daemon and without the internet.

The public base images are not to be had where this runs. In their place stand two of this machine's own files: one in which nothing is
but what it sees of this machine's /usr while it builds, and one with the few files that the image needs of its base.
"""

import re
import shutil
import subprocess

from harness.checks import Skipped, check, expect, expect_equal, need_program, need_root
from harness.client import ask
from harness.entrepot import ROOT, WAR, java
from harness.ports import free_port
from harness.upstream import Upstream

FOLDER = ROOT / "deploy/docker"
README = re.compile(r"```sh\n(.*?)```", re.S)
# What jdeps finds, and no request reaches: H2 can compile functions, Quartz and H2 run scripts, tools attach.
UNUSED = {"java.compiler", "java.scripting", "jdk.attach", "jdk.jdi"}
# One start of the program `docker` of the README: buildah builds and podman runs. This machine's kernel may be a guest's with old cgroups,
# which runc understands; it may give no right to raise limits; and it has no systemd, by which podman asks for the health.
DOCKER = """#!/bin/bash
command=$1
shift
store=(--root {folder}/images --runroot {folder}/containers --storage-driver vfs)
case $command in
  build)
    exec buildah "${{store[@]}}" bud --isolation chroot --volume /usr:/usr:ro --volume /etc/java-17-openjdk:/etc/java-17-openjdk:ro \\
      --volume /etc/ssl:/etc/ssl:ro --build-arg JDK=localhost/check-jdk --build-arg BASE=localhost/check-base "$@" ;;
  run)
    exec podman --runtime runc --cgroup-manager cgroupfs "${{store[@]}}" run --no-healthcheck --network host \\
      --ulimit nofile=4096:4096 --ulimit nproc=4096:4096 -e ENTREPOT_HTTP_ADDR=127.0.0.1:{port} {more} "$@" ;;
  *) exec podman --runtime runc --cgroup-manager cgroupfs "${{store[@]}}" "$command" "$@" ;;
esac
"""


class Docker:
    """The images and containers of one check, in a folder of their own, so that none of this machine's are touched."""

    def __init__(self, folder, more):
        self.folder = folder
        self.port = free_port()
        self.program = folder / "docker"
        self.program.write_text(DOCKER.format(folder=folder, port=self.port, more=" ".join(more)))
        self.program.chmod(0o755)

    def run(self, *arguments, seconds=180):
        done = subprocess.run([self.program, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)
        expect(done.returncode == 0, f"docker {' '.join(map(str, arguments))}: {(done.stdout + done.stderr)[-1500:]}")
        return done.stdout.strip()

    def close(self):
        subprocess.run([self.program, "rm", "--force", "--all"], capture_output=True, timeout=60, check=False)
        shutil.rmtree(self.folder / "images", ignore_errors=True)
        shutil.rmtree(self.folder / "containers", ignore_errors=True)


def base(store, name, fill):
    """Makes an image whose files `fill` lays into a folder."""
    buildah = ["buildah", "--root", store / "images", "--runroot", store / "containers", "--storage-driver", "vfs"]
    container = output(*buildah, "from", "scratch")
    root = output(*buildah, "mount", container)
    for path in ("etc", "tmp", "usr", "var/lib"):
        subprocess.run(["mkdir", "-p", f"{root}/{path}"], check=True)
    subprocess.run(["chmod", "1777", f"{root}/tmp"], check=True)
    for option, value in fill(root).items():
        output(*buildah, "config", option, value, container)
    output(*buildah, "commit", "--quiet", container, name)
    output(*buildah, "rm", container)


def output(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, check=False)
    expect(done.returncode == 0, f"{command[0]}: {done.stderr[-500:]}")
    return done.stdout.strip()


def home_of_jdk():
    """Where this machine's JDK is, which must be below /usr and have what jlink needs."""
    home = output("readlink", "-f", shutil.which(java("javac")) or "/none").removesuffix("/bin/javac")
    if not home.startswith("/usr/") or not subprocess.run(["test", "-d", f"{home}/jmods"], check=False).returncode == 0:
        raise Skipped(f"the JDK in {home} is not below /usr, or has no jmods")
    return home


def lay_jdk(root):
    for name in ("bin", "lib", "lib64", "sbin"):
        subprocess.run(["ln", "-s", f"usr/{name}", f"{root}/{name}"], check=True)
    return {"--env": f"PATH={home_of_jdk()}/bin:/usr/bin:/bin"}


def lay_base(root):
    programs = ["/bin/bash", *(f"{home_of_jdk()}/lib/{name}" for name in ("server/libjvm.so", "libzip.so", "libnio.so"))]
    needed = {file for program in programs for file in re.findall(r"(/lib\S*/\S+) \(", output("ldd", program)) if "/jvm/" not in file}
    for file in ["/bin/bash", *sorted(needed)]:
        subprocess.run(["install", "-D", file, f"{root}{file}"], check=True)
    return {}


def lines_of_readme():
    return README.search((FOLDER / "README.md").read_text())[1].splitlines()


@check
def image_of_the_readme_serves(run):
    need_root("a build in a chroot")
    for program in ("buildah", "podman", "runc", "curl"):
        need_program(program)
    if not WAR.is_file():
        raise Skipped("target/entrepot.war is not built")
    upstream = run.closing(Upstream())
    digest, content = new_blob(upstream)
    docker = run.closing(Docker(run.folder, ["-e", f"ENTREPOT_PROXY_REMOTEURL={upstream.url}", "-e", "JDK_JAVA_OPTIONS=-Xlog:class+load:file=/tmp/log"]))
    base(run.folder, "localhost/check-jdk", lay_jdk)
    base(run.folder, "localhost/check-base", lay_base)
    for line in lines_of_readme():
        if line.startswith("mvn "):
            continue  # the build before this check has made the WAR
        if line.startswith("docker stop"):
            look_inside(run, docker, digest, content)
        typed(docker, line)


def new_blob(upstream):
    digest = upstream.new_blob(100_000)
    return digest, upstream.content(digest)


def typed(docker, line):
    line = line.replace("127.0.0.1:5000", f"127.0.0.1:{docker.port}")
    environment = {"PATH": f"{docker.folder}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(docker.folder)}
    done = subprocess.run(["bash", "-c", line], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False)
    if "runc" in done.stderr and "ermission" in done.stderr:
        raise Skipped(f"this machine runs no container: {done.stderr[-300:]}")
    expect(done.returncode == 0, f"{line}: {(done.stdout + done.stderr)[-1500:]}")


def look_inside(run, docker, digest, content):
    """What is promised of a container that runs."""
    url = f"http://127.0.0.1:{docker.port}"
    expect_equal("a blob through the container", content, ask(url, f"/v2/team/app/blobs/{digest}").body)
    for path in ("/api/health", "/api/stats", "/metrics"):
        expect_equal(path, 200, ask(url, path).status)
    inside = docker.run("exec", "entrepot", "/bin/bash", "-c", INSIDE)
    told = dict(re.findall(r"^(\w+)=(.*)$", inside, re.M))
    expect_equal("user", "65532", told["user"])
    expect_equal("writing to the root", "refused", told["root"])
    archived = int(told["archived"])
    expect(archived > 2000, f"only {archived} classes come from the archive of the image")
    run.note(f"{archived} classes from the archive")
    expect("/opt/entrepot/health" in docker.run("inspect", "--type", "image", "entrepot"), "the image has no health check")


INSIDE = """
echo user=$EUID
if (: >/opt/file) 2>/dev/null; then echo root=written; else echo root=refused; fi
count=0
while read -r line; do
  case $line in *"shared objects file (top)"*) count=$((count + 1)) ;; esac
done </tmp/log
echo archived=$count
"""


@check
def java_of_the_image_has_the_modules_that_the_war_uses(run):
    if not WAR.is_file():
        raise Skipped("target/entrepot.war is not built")
    folder = run.folder / "war"
    shutil.unpack_archive(WAR, folder, "zip")
    jars = sorted(str(jar) for jar in (folder / "WEB-INF/lib").glob("*.jar"))
    classes = [str(folder), str(folder / "WEB-INF/classes")]
    command = [java("jdeps"), "--multi-release", "17", "--ignore-missing-deps", "--print-module-deps", "-cp", ":".join(jars), *classes, *jars]
    used = set(output(*command).splitlines()[-1].split(","))
    # The option is one word over several lines.
    text = (FOLDER / "Dockerfile").read_text().replace("\\\n", "")
    chosen = set(re.search(r"--add-modules (\S+)", text)[1].split(","))
    expect_equal("modules that the WAR uses and the image lacks", set(), used - chosen - UNUSED)
