"""An LDAP directory (RFC 4511) that answers what a trick says."""

import contextlib
import itertools
import socket
import threading

SEARCH = 0x63
SUCCESS = 0
REFERRAL = 10


def ber(tag, *contents):
    """An element of BER with a definite length."""
    content = b"".join(contents)
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + content


def message(number, operation):
    return ber(0x30, ber(0x02, number.to_bytes(4, "big")), operation)


def done(tag, code=SUCCESS, more=b""):
    return ber(tag, ber(0x0A, bytes([code])), ber(0x04), ber(0x04), more)


def entry(name, values):
    attribute = ber(0x30, ber(0x04, b"cn"), ber(0x31, *(ber(0x04, value) for value in values)))
    return ber(0x64, ber(0x04, name), ber(0x30, attribute))


class Directory:
    """Serves until it is closed. Binds succeed; searches for groups are answered by the trick, and all users exist."""

    def __init__(self):
        self.trick = lambda number: [message(number, done(0x65))]
        self.searches = 0
        self.sent = 0
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._elsewhere = socket.create_server(("127.0.0.1", 0))
        self._elsewhere.setblocking(False)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"ldap://127.0.0.1:{self._listening.getsockname()[1]}"

    @property
    def referred(self):
        """How many connections there were to the place to which it refers."""
        with contextlib.suppress(BlockingIOError):
            self._elsewhere.accept()
            return 1
        return 0

    def close(self):
        self._listening.close()
        self._elsewhere.close()

    def tricks(self, over):
        """Functions that give, for the id of a message, the pieces to send."""
        place = f"ldap://127.0.0.1:{self._elsewhere.getsockname()[1]}/dc=x".encode()
        groups = [f"group{number}".encode() for number in range(4000)]

        def by_byte(number):
            for byte in message(number, entry(b"cn=x", groups)):
                if over.wait(0.5):
                    return
                yield bytes([byte])

        return {
            "thousands of groups": lambda number: [message(number, entry(b"cn=x", groups)), message(number, done(0x65))],
            "a huge entry": lambda number: [message(number, entry(b"cn=x", [b"x" * 10_000_000]))],
            "entries without end": lambda number: itertools.repeat(message(number, entry(b"cn=x", [b"ops"] * 100))),
            "a result that refers": lambda number: [message(number, done(0x65, REFERRAL, ber(0xA3, ber(0x04, place))))],
            "an entry that refers": lambda number: [message(number, ber(0x73, ber(0x04, place))), message(number, done(0x65))],
            "byte by byte": by_byte,
            "a length of 2 GiB": lambda number: [b"\x30\x84\x7f\xff\xff\xff", b"x" * 100_000],
            "an endless length": lambda number: [b"\x30\xff" + b"\xff" * 200],
            "no BER": lambda number: [b"HTTP/1.1 200 OK\r\n\r\n" * 10],
            "nothing": lambda number: [],
            "another message": lambda number: [message(number + 1, done(0x65))],
        }

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with contextlib.suppress(OSError, EOFError), client, client.makefile("rb") as requests:
            while True:
                self._answer(client, read_element(requests))

    def _answer(self, client, request):
        size = request[1]
        number = int.from_bytes(request[2 : 2 + size], "big")
        operation = request[2 + size]
        if operation != SEARCH:
            client.sendall(message(number, done(0x61)))
        elif b"ou=groups" not in request:
            client.sendall(message(number, entry(b"uid=x,ou=people", [b"x"])) + message(number, done(0x65)))
        else:
            self.searches += 1
            for piece in self.trick(number):
                client.sendall(piece)
                self.sent += len(piece)


def read_element(requests):
    """The content of one element."""
    head = requests.read(2)
    if len(head) < 2:
        raise EOFError
    length = head[1]
    if length > 127:
        length = int.from_bytes(requests.read(length & 0x7F), "big")
    return requests.read(length)
