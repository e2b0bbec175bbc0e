"""A certificate for the loopback interface that its server signs itself."""

import subprocess


def write_certificate(key, certificate):
    """Writes both as PEM files; they hold for two days."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=harness"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)
