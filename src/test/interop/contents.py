#!/usr/bin/env python3
"""Prints the digests of what is stored under a folder, sorted; fails when a file named by a digest has other bytes.

usage: contents.py FOLDER            everything that skopeo wrote with its `dir:` transport
       contents.py --named FOLDER    only the files named by a digest, or that lie in a folder named by one
"""

import re
import sys
from pathlib import Path

from harness.contents import digest_of_file

HEX = re.compile(r"(?:sha256[:-])?([0-9a-f]{64})(?:\.manifest\.json)?")


def named_digest(file):
    name = file.parent.name if file.name == "data" else file.name
    match = HEX.fullmatch(name)
    return match and "sha256:" + match[1]


def main():
    only_named = sys.argv[1] == "--named"
    folder = Path(sys.argv[-1])
    found = set()
    for file in folder.rglob("*"):
        name = named_digest(file)
        if not file.is_file() or file.name == "version" or (only_named and not name):
            continue
        digest = digest_of_file(file)
        if name and name != digest:
            sys.exit(f"{file.relative_to(folder)} holds {digest}")
        found.add(digest)
    print(*sorted(found), sep="\n")


if __name__ == "__main__":
    main()
