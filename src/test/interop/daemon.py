#!/usr/bin/env python3
"""Debian's dockerd in the foreground, without a network of its own, since it only pulls. Nothing is installed.

usage: daemon.py FOLDER [OPTION...]    its socket is FOLDER/docker.sock, its client target/debian/docker.io/usr/bin/docker
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

from harness.debian import unpack


def main():
    folder, options = Path(sys.argv[1]), sys.argv[2:]
    programs = [unpack("docker.io", "usr/sbin/dockerd"), unpack("containerd", "usr/bin/containerd"), unpack("runc", "usr/sbin/runc")]
    path = ":".join([*(str(program.parent) for program in programs), os.environ["PATH"]])
    command = [str(programs[0]), "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/docker.pid"]
    command += ["--host", f"unix://{folder}/docker.sock", "--iptables=false", "--ip6tables=false", "--bridge=none"]
    os.execve(command[0], [*command, "--storage-driver=vfs", *options], os.environ | {"PATH": path})


if __name__ == "__main__":
    main()
