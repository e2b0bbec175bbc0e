"""Disks of a check's own, which can be filled or lose their power."""

import contextlib
import subprocess

from harness.checks import Skipped, need_root


def mount(folder, *arguments):
    need_root("mounting a disk")
    mounted = subprocess.run(["mount", *arguments, folder], capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        raise Skipped(f"no disk can be mounted: {mounted.stderr.strip()}")


def unmount(folder):
    subprocess.run(["umount", folder], check=True, capture_output=True)


def close(folder):
    """Unmounts what is mounted, if anything is."""
    with contextlib.suppress(subprocess.CalledProcessError):
        unmount(folder)
