#!/usr/bin/env python3
"""Prints the digests of what is stored under a folder, sorted; fails when a file named by a digest has other bytes.

usage: contents.py FOLDER            everything that skopeo wrote with its `dir:` transport
       contents.py --named FOLDER    only the files named by a digest, or that lie in a folder named by one
"""

import hashlib
import re
import sys
from pathlib import Path

HEX = re.compile(r"(?:sha256[:-])?([0-9a-f]{64})(?:\.manifest\.json)?")


def digest_of(file):
    digest = hashlib.sha256()
    with file.open("rb") as source:
        while part := source.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def named_digest(file):
    name = file.parent.name if file.name == "data" else file.name
    match = HEX.fullmatch(name)
    return match and match[1]


def main():
    only_named = sys.argv[1] == "--named"
    folder = Path(sys.argv[-1])
    found = set()
    for file in folder.rglob("*"):
        name = named_digest(file)
        if not file.is_file() or file.name == "version" or (only_named and not name):
            continue
        digest = digest_of(file)
        if name and name != digest:
            sys.exit(f"{file.relative_to(folder)} holds sha256:{digest}")
        found.add("sha256:" + digest)
    print(*sorted(found), sep="\n")


if __name__ == "__main__":
    main()
