#!/usr/bin/env python3
"""Debian's slapd with some people and groups, in the foreground.

usage: directory.py FOLDER PORT TLS-PORT    FOLDER has key.pem and certificate.pem, for StartTLS and LDAPS

ann is in the group pullers, bob in none. The password of each is the name and "-password". The account cn=reader may search.
"""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

from harness.debian import UNPACKED, unpack

SUFFIX = "dc=example,dc=com"
PEOPLE = ("ann", "bob")
CONFIGURATION = """
include {package}/etc/ldap/schema/core.schema
modulepath {package}/usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
TLSCertificateFile {folder}/certificate.pem
TLSCertificateKeyFile {folder}/key.pem
# As a careful directory has it: no password without TLS, and nobody searches without one.
security simple_bind=128
require authc
database mdb
suffix {suffix}
directory {folder}/database
rootdn cn=reader,{suffix}
rootpw reader-password
"""


def entries():
    yield "", {"objectClass": ["dcObject", "organization"], "dc": "example", "o": "example"}
    yield "ou=people", {"objectClass": "organizationalUnit", "ou": "people"}
    yield "ou=groups", {"objectClass": "organizationalUnit", "ou": "groups"}
    for name in PEOPLE:
        person = {"objectClass": ["person", "uidObject"], "uid": name, "cn": name, "sn": name}
        yield f"uid={name},ou=people", person | {"userPassword": f"{name}-password"}
    yield "cn=pullers,ou=groups", {"objectClass": "groupOfNames", "cn": "pullers", "member": f"uid=ann,ou=people,{SUFFIX}"}


def ldif():
    for name, fields in entries():
        yield f"dn: {','.join(filter(None, (name, SUFFIX)))}"
        for field, values in fields.items():
            yield from (f"{field}: {value}" for value in ([values] if isinstance(values, str) else values))
        yield ""


def programs():
    """The server, and the environment that finds its libraries. Nothing is installed, so that no service starts."""
    slapd = unpack("slapd", "usr/sbin/slapd")
    libraries = [slapd.parents[1] / "lib" / f"{os.uname().machine}-linux-gnu"]
    for package, library in (("libltdl7", "libltdl.so.7"), ("libwrap0", "libwrap.so.0")):
        path = f"usr/lib/{os.uname().machine}-linux-gnu/{library}"
        libraries.append(unpack(package, path).parent)
    return slapd, os.environ | {"LD_LIBRARY_PATH": ":".join(map(str, libraries))}


def main():
    folder, port, tls_port = Path(sys.argv[1]), *sys.argv[2:4]
    slapd, environment = programs()
    (folder / "database").mkdir()
    configuration = folder / "slapd.conf"
    configuration.write_text(CONFIGURATION.format(package=UNPACKED / "slapd", folder=folder, suffix=SUFFIX))
    load = [slapd, "-T", "add", "-f", configuration]
    subprocess.run(load, input="\n".join(ldif()) + "\n", text=True, env=environment, check=True)
    urls = f"ldap://127.0.0.1:{port} ldaps://127.0.0.1:{tls_port}"
    os.execve(slapd, [str(slapd), "-d", "0", "-f", str(configuration), "-h", urls], environment)


if __name__ == "__main__":
    main()
