"""Installing what Debian has."""

import os
import shutil
import subprocess

from harness.checks import Failed, Skipped
from harness.entrepot import ROOT

UNPACKED = ROOT / "target/debian"


def install_missing(pairs):
    """Installs the packages whose commands are not here yet, each given as PACKAGE:COMMAND. Fails where that does."""
    packages = [package for package, command in (pair.split(":") for pair in pairs) if not shutil.which(command)]
    if not packages:
        return
    print("installing", *packages, flush=True)
    apt("update", "-q")
    apt("install", "-y", "-q", "--no-install-recommends", *packages)


def unpack(package, program):
    """Unpacks a package and installs nothing, so that no service of it starts; returns one of its programs.

    Fails with `Skipped` where the package is not to be had.
    """
    file = UNPACKED / package / program
    if not file.exists():
        UNPACKED.mkdir(parents=True, exist_ok=True)
        try:
            apt("update", "-q")
            apt("download", "-q", package, folder=UNPACKED)
        except Failed as e:
            raise Skipped(f"Debian's {package} is not to be had here: {e}") from e
        archive = next(UNPACKED.glob(f"{package}_*.deb"))
        subprocess.run(["dpkg-deb", "-x", archive, UNPACKED / package], check=True)
        archive.unlink()
    return file


def apt(*arguments, folder=None):
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        ["apt-get", *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failed("\n".join(done.stdout.splitlines()[-5:]))
