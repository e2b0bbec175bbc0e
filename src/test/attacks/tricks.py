"""What an evil upstream does: functions that are given the handler of a request and say whether they have answered it."""

import re
import time
from urllib.parse import parse_qs, urlsplit

from harness.contents import MANIFEST

BLOB = "application/octet-stream"
PIECE = b"x" * (64 << 10)


def says(status, body=b"", headers=None):
    """Answers so."""

    def trick(handler):
        handler.answer(status, body, headers)
        return True

    return trick


def where(pattern, trick, method=None):
    """Does so where the path is of this pattern, as `re.search` has it."""

    def chosen(handler):
        return method in (None, handler.command) and re.search(pattern, handler.path) is not None and trick(handler)

    return chosen


def first(*tricks):
    """Does the first that answers."""
    return lambda handler: any(trick(handler) for trick in tricks)


def manifest(content, media_type=MANIFEST, **headers):
    """Says that this is the manifest, whatever is asked."""
    return says(200, content, {"Content-Type": media_type} | headers)


def redirects(location):
    return says(307, b"", {"Location": location})


def endless(over, media_type=BLOB, status=200):
    """Never ends its body, and counts the bytes of it."""
    sent = []

    def trick(handler):
        handler.send_response(status)
        handler.send_header("Content-Type", media_type)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        while handler.command == "GET" and not over.is_set():
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(PIECE), PIECE))
            sent.append(len(PIECE))
        handler.close_connection = True
        return True

    trick.sent = lambda: sum(sent)
    return trick


def drips(over, length, bytes_per_second, headers=None):
    """Sends a body of this length by and by, and never its end."""

    def trick(handler):
        handler.send_response(200)
        for name, value in ({"Content-Type": BLOB, "Content-Length": str(length)} | (headers or {})).items():
            handler.send_header(name, value)
        handler.end_headers()
        sent = 0
        while handler.command == "GET" and sent < length - 1 and not over.is_set():
            piece = PIECE[: max(1, min(len(PIECE), bytes_per_second // 10, length - 1 - sent))]
            handler.wfile.write(piece)
            sent += len(piece)
            time.sleep(len(piece) / bytes_per_second)
        over.wait(60)
        handler.close_connection = True
        return True

    return trick


class Tokens:
    """Wants a token for everything, of its own `/token`, where no other realm is given. Keeps what it was shown."""

    def __init__(self, upstream, realm=None, scope="repository:team/app:pull", body=b'{"token":"granted"}'):
        self._challenge = f'Bearer realm="{realm or upstream.url + "/token"}",service="registry",scope="{scope}"'
        self._body = body
        self.asked = []
        self.shown = []

    def __call__(self, handler):
        authorization = handler.headers.get("Authorization")
        self.shown.append(authorization)
        parts = urlsplit(handler.path)
        if parts.path == "/token":
            self.asked.append(parse_qs(parts.query))
            handler.answer(200, self._body, {"Content-Type": "application/json"})
            return True
        if authorization is None or not authorization.startswith("Bearer "):
            handler.answer(401, b"{}", {"WWW-Authenticate": self._challenge, "Content-Type": "application/json"})
            return True
        return False
