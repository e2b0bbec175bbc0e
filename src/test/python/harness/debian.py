"""Installing what Debian has."""

import os
import shutil
import subprocess

from harness.checks import Failed


def install_missing(pairs):
    """Installs the packages whose commands are not here yet, each given as PACKAGE:COMMAND. Fails where that does."""
    packages = [package for package, command in (pair.split(":") for pair in pairs) if not shutil.which(command)]
    if not packages:
        return
    print("installing", *packages, flush=True)
    apt("update", "-q")
    apt("install", "-y", "-q", "--no-install-recommends", *packages)


def apt(*arguments):
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        ["apt-get", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failed("\n".join(done.stdout.splitlines()[-5:]))
