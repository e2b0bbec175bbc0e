#!/usr/bin/env python3
"""A token service such as registries send their clients to: asks for a password, and signs what may be pulled.

usage: tokens.py PORT KEY CERTIFICATE USER PASSWORD    KEY and CERTIFICATE are PEM files

Each request is a line of standard output: METHOD PATH STATUS.
"""

import base64
import http.server
import json
import ssl
import subprocess
import sys
import time
import urllib.parse
import uuid

LIFETIME_SECONDS = 300


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Tokens(http.server.BaseHTTPRequestHandler):
    key = certificate = authorization = None

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if self.headers.get("Authorization") != self.authorization:
            self.answer(401, {"errors": [{"code": "UNAUTHORIZED", "message": "who are you?"}]})
            return
        query = urllib.parse.parse_qs(url.query)
        token = self.token(query["service"][0], query.get("scope", []))
        self.answer(200, {"token": token, "expires_in": LIFETIME_SECONDS})

    def token(self, service, scopes):
        now = int(time.time())
        access = []
        for scope in scopes:
            kind, name, actions = scope.split(":")
            access.append({"type": kind, "name": name, "actions": [a for a in actions.split(",") if a == "pull"]})
        claims = {
            "iss": "interop",
            "sub": "puller",
            "aud": service,
            "exp": now + LIFETIME_SECONDS,
            "nbf": now - 10,
            "iat": now,
            "jti": uuid.uuid4().hex,
            "access": access,
        }
        header = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(self.certificate).decode()]}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
        signature = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", self.key], input=signed.encode(), capture_output=True, check=True
        ).stdout
        return f"{signed}.{base64url(signature)}"

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code="-", size="-"):
        print(self.command, self.path, int(code), flush=True)


def main():
    port, Tokens.key, certificate, user, password = sys.argv[1:]
    with open(certificate, encoding="ascii") as pem:
        Tokens.certificate = ssl.PEM_cert_to_DER_cert(pem.read())
    Tokens.authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Tokens).serve_forever()


if __name__ == "__main__":
    main()
