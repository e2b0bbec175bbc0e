"""Checks what `mvn -Prelease package` makes."""

import json
import os
import shutil
import subprocess
import zipfile

from harness.checks import Skipped, check, expect, expect_equal, need_program
from harness.contents import digest_of_file
from harness.entrepot import ROOT, WAR

# What a build does not read, or makes.
NOT_SOURCES = shutil.ignore_patterns(".git", ".fast", "target", "results")
SECONDS = 900
# Another machine has another language and time zone. Its umask must be 022, since what Maven unpacks has the modes that it leaves.
ELSEWHERE = {"TZ": "Asia/Kolkata", "LC_ALL": "C.UTF-8", "LANG": "de_DE.UTF-8", "MAVEN_OPTS": "-Duser.language=de -Duser.country=DE"}


def build(folder):
    """Makes the release in a copy of the sources, and returns its folder."""
    need_program("mvn")
    # Offline, Maven would leave out the list of parts.
    command = "umask 022; exec mvn -q -B -ntp -Prelease -DskipTests clean package"
    environment = os.environ | ELSEWHERE
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if "Could not transfer" in done.stdout + done.stderr:
        raise Skipped("what a release needs is not to be had here")
    expect(done.returncode == 0, (done.stdout + done.stderr)[-1500:])
    return folder / "target/release"


def differing(one, other):
    """The parts of two archives that are not the same."""
    with zipfile.ZipFile(one) as first, zipfile.ZipFile(other) as second:
        parts = [{entry.filename: (entry.CRC, entry.date_time, entry.external_attr) for entry in war.infolist()} for war in (first, second)]
    return sorted(name for name in parts[0].keys() | parts[1].keys() if parts[0].get(name) != parts[1].get(name))


@check
def release_is_the_same_to_the_byte_wherever_it_is_built(run):
    if not WAR.is_file():
        raise Skipped("target/entrepot.war is not built")
    copy = run.folder / "a folder with a longer name" / "entrepot"
    shutil.copytree(ROOT, copy, ignore=NOT_SOURCES)
    release = build(copy)
    (war,) = release.glob("entrepot-*.war")
    if digest_of_file(war) != digest_of_file(WAR):
        expect(False, f"it differs from target/entrepot.war, which has to be of the same sources: {differing(war, WAR)[:20]}")
    sums = sorted(release.glob("*.sha256"))
    expect_equal("checksums", [f"{war.name}.sha256", f"{war.stem}.cdx.json.sha256"], sorted((sum_.name for sum_ in sums), key=len))
    for sum_ in sums:
        done = subprocess.run(["sha256sum", "-c", sum_.name], cwd=release, capture_output=True, text=True, check=False)
        expect(done.returncode == 0, f"{sum_.name}: {done.stdout}{done.stderr}")
    expect_equal("jars that the list of parts lacks", set(), jars(war) - listed(release / f"{war.stem}.cdx.json"))
    run.note(f"{len(jars(war))} jars, all of them listed")


def jars(war):
    with zipfile.ZipFile(war) as archive:
        return {name.rpartition("/")[2] for name in archive.namelist() if name.startswith("WEB-INF/lib/") and name.endswith(".jar")}


def listed(parts):
    return {f"{part['name']}-{part['version']}.jar" for part in json.loads(parts.read_text())["components"]}
