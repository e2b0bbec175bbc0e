"""Logins: bodies that never end, a directory and an OpenID Connect provider that send what they want, tokens of any size.

Each attack has a cache of its own, with users in a file, in a directory and of a provider. Beside it, a user of the file logs in and pulls.
"""

import base64
import concurrent.futures
import contextlib
import json
import threading
import time
from urllib.parse import quote

from harness.checks import expect
from harness.client import Broken, Connection
from harness.contents import MIB
from harness.entrepot import Executable, Tomcat
from harness.ports import free_port
from harness.upstream import Upstream

from attack import MOST_HEAP, WORST_SECONDS, attack
from directory import Directory
from stage import HEAP, JAVA
from tricks import drips, endless, says

USER = "ann"
PASSWORD = "ann-password"
# Of the password, by bcrypt with the least cost.
HASH = "$2a$04$3AJRUV1JfuVyv7mA67v7eudpavEb4QhiBDmzg9ba92LT54Qbipb52"
VICTIM = "127.0.0.2"
SECONDS = 5
FORM = "application/x-www-form-urlencoded"


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Victim:
    """A user who logs in and pulls again and again, in each way that a client may."""

    def __init__(self, url):
        self._url = url
        self.worst = 0.0
        self.count = 0
        self.wrong = []

    def pull(self):
        scope = "service=x&scope=repository:team/app:pull"
        form = f"grant_type=password&username={USER}&password={PASSWORD}&{scope}"
        token = self._ask("/v2/token", "POST", form.encode(), {"Content-Type": FORM})
        self._ask(f"/v2/token?{scope}", headers={"Authorization": basic(USER, PASSWORD)})
        if token:
            self._ask("/v2/team/app/manifests/v1", headers={"Authorization": "Bearer " + json.loads(token)["token"]})

    def _ask(self, path, method="GET", body=None, headers=None):
        begun = time.monotonic()
        connection = Connection(self._url, 10, VICTIM)
        try:
            answer = connection.ask(path, method, body, **(headers or {}))
            if answer.status == 200:
                return answer.body
            self.wrong.append(f"{method} {path}: {answer.status} {answer.body[:200]!r}")
        except Broken as e:
            self.wrong.append(str(e))
        finally:
            connection.close()
            self.worst = max(self.worst, time.monotonic() - begun)
            self.count += 1
        return None


@contextlib.contextmanager
def cache_with_logins(attack, directory="ldap://127.0.0.1:1", issuer="http://127.0.0.1:1", warm=True):
    """A cache that the attack is then about, and a victim whose logins are judged at the end."""
    users = attack.folder / "users"
    users.write_text(f"{USER}:{HASH}\n")
    settings = {
        "storage.reserve": "0B",
        "auth.htpasswd.path": str(users),
        "auth.ldap.url": directory,
        "auth.ldap.userbase": "ou=people",
        "auth.ldap.groupbase": "ou=groups",
        "auth.oidc.names": "evil",
        "auth.oidc.evil.issuer": issuer,
        "auth.oidc.evil.audience": "cache",
        "access": f"user:{USER} pull **, group:ldap:ops pull **",
    }
    attack.honest.new_image("v1", 1000)
    options = {"settings": settings, "heap": HEAP, "java_options": JAVA}
    if attack.stage.place == "tomcat":
        options["tls_port"] = free_port()
    kind = Tomcat if attack.stage.place == "tomcat" else Executable
    server = attack.closing(kind(attack.folder / "logins", attack.honest.url, **options))
    server.start()
    attack.cache = server
    victim = Victim(server.url)
    if warm:
        Victim(server.url).pull()
    over = threading.Event()

    def pull():
        while not over.is_set():
            victim.pull()
            over.wait(0.05)

    thread = threading.Thread(target=pull, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        over.set()
        thread.join()
    attack.note(f"login: {victim.worst:.2f} s at worst of {victim.count}")
    expect(not victim.wrong, f"the victim got: {'; '.join(victim.wrong[:3])}")
    expect(victim.worst <= WORST_SECONDS, f"the victim waited {victim.worst:.2f} s")
    expect("OutOfMemoryError" not in server.log(), "it ran out of memory")
    heap = server.heap_below(MOST_HEAP)
    expect(heap < MOST_HEAP, f"{heap // MIB} MiB of heap are in use afterwards")


@attack("S14, S25")
def bodies_for_tokens_that_never_end_stop_no_login(attack):
    """More than there are threads, from eight addresses; each sends a byte a second, with a length or in chunks."""
    with cache_with_logins(attack):
        clients = []
        head = f"POST /v2/token HTTP/1.1\r\nHost: cache\r\nContent-Type: {FORM}\r\n"
        with contextlib.suppress(OSError):
            for number in range(240):
                body = "Content-Length: 1000\r\n\r\n" if number % 2 else "Transfer-Encoding: chunked\r\n\r\n"
                clients.append(attack.open(head + body, address=f"127.0.0.{20 + number % 8}"))
        for _ in range(attack.either(SECONDS, 60)):
            for client in clients:
                with contextlib.suppress(OSError):
                    client.send(b"1")
            time.sleep(1)
        attack.note(f"{len(clients)} connections")


def log_in_all(attack, kind, count, statuses, seconds=7):
    """So many users whom only the directory can know, at once, from many addresses. Each has an answer in time."""

    def log_in(number):
        begun = time.monotonic()
        address = f"127.0.1.{1 + number % 200}"
        answer = attack.try_to_ask("/v2/", address=address, Authorization=basic(f"eve {kind} {number}", "x"))
        attack.expect_status(answer, *statuses)
        took = time.monotonic() - begun
        expect(took < seconds, f"a login took {took:.1f} s")

    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        list(pool.map(log_in, range(count)))


@attack("S14, S24", places=("war",))
def directory_that_sends_what_it_wants_stops_nobody_else(attack):
    with contextlib.closing(Directory()) as directory, cache_with_logins(attack, directory=directory.url):
        tricks = directory.tricks(attack.over)
        for name, trick in tricks.items():
            directory.trick = trick
            log_in_all(attack, name, 24, (200, 401, 429, 503))
        expect(directory.searches > len(tricks), "the directory was not asked")
        expect(directory.referred == 0, "a referral was followed")
        attack.note(f"{directory.searches} searches, {directory.sent / MIB:.0f} MiB sent")


def token_of(issuer, number, key_id, **claims):
    """A token by a key that nobody has."""
    head = {"alg": "ES256", "kid": key_id}
    body = {"iss": issuer, "aud": "cache", "sub": f"eve{number}", "exp": int(time.time()) + 600} | claims
    parts = [json.dumps(part).encode() for part in (head, body)] + [b"s" * 64]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def key(key_id):
    """A public key, always of the same point."""
    return {
        "kty": "EC",
        "crv": "P-256",
        "kid": key_id,
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    }


def provider_tricks(attack, provider):
    """What is at the place of the keys; the configuration leads there."""
    json_type = {"Content-Type": "application/json"}
    odd = ["", "a" * 100_000, "\x00", "../../etc/passwd", "${jndi:ldap://x}", "\u202e", "'; drop table", None, 7, [], {}, True]
    keys = {
        "thousands of keys": says(200, json.dumps({"keys": [key(str(n)) for n in range(900)]}).encode(), json_type),
        "very many keys": says(200, json.dumps({"keys": [key(str(n)) for n in range(20_000)]}).encode(), json_type),
        "odd names of keys": says(200, json.dumps({"keys": [key(name) for name in odd]}).encode(), json_type),
        "deep": says(200, b'{"keys":' + b"[" * 100_000, json_type),
        "no end": endless(attack.over, "application/json"),
        "drips": drips(attack.over, 100_000, 10, json_type),
        "a redirect": says(302, b"", {"Location": provider.url + "/elsewhere"}),
    }
    configuration = json.dumps({"issuer": provider.url, "jwks_uri": provider.url + "/keys"}).encode()
    about = says(200, configuration, json_type)
    return {name: lambda handler, t=t: (about if "well-known" in handler.path else t)(handler) for name, t in keys.items()}


@attack("S12, S28, S35", places=("war",))
def provider_that_sends_what_it_wants_stops_nobody_else(attack):
    """Each of its tokens names another key, so that each would have the keys read again."""
    with contextlib.closing(Upstream()) as provider, cache_with_logins(attack, issuer=provider.url):
        for name, trick in provider_tricks(attack, provider).items():
            provider.trick = trick
            before = len(provider.requests)
            paths = [("/v2/", token_of(provider.url, number, f"k{number}")) for number in range(40)]
            with concurrent.futures.ThreadPoolExecutor(20) as pool:
                answers = list(pool.map(lambda it: attack.try_to_ask(it[0], Authorization="Bearer " + it[1]), paths))
            for answer in answers:
                attack.expect_status(answer, 401, 429, 503)
            asked = len(provider.requests) - before
            expect(asked <= 20, f"{name}: {asked} requests to the provider for 40 tokens")
            time.sleep(5.5)  # it leaves a provider that has failed alone for five seconds
        expect(not [path for _, path in provider.requests if "elsewhere" in path], "a redirect was followed")


@attack("S12, S28", places=("war",))
def tokens_of_any_size_are_bounded(attack):
    with cache_with_logins(attack) as server:
        scopes = " ".join(f"repository:team/app{number}:pull,push,*" for number in range(2000))
        form = f"grant_type=password&username={USER}&password={PASSWORD}&scope={quote(scopes, safe=':/,')}"
        connection = Connection(server.url, 10, "127.0.0.4")
        answer = connection.ask("/v2/token", "POST", form.encode(), **{"Content-Type": FORM})
        attack.expect_status(answer, 400)  # more than 64 KiB
        connection.close()
        connection = Connection(server.url, 10, "127.0.0.4")
        answer = connection.ask("/v2/token", "POST", form[: form.rindex("%20", 0, 60_000)].encode(), **{"Content-Type": FORM})
        attack.expect_status(answer, 200)
        token = answer.json()["token"]
        expect(len(token) < 8 << 10, f"a token has {len(token)} characters")
        attack.expect_status(connection.ask("/v2/", Authorization="Bearer " + token), 200)
        connection.close()
        access = [{"type": "repository", "name": f"team/app{number}", "actions": ["pull"] * 50} for number in range(40)]
        many = [token_of("http://127.0.0.1:1", number, "k", access=access[: number % 40]) for number in range(400)]
        answers = attack.ask_all(["/v2/"] * 50, Authorization="Bearer " + "a." * 3000)
        for text in many + [f"e{'y' * 7000}.a.b", "a.b.c.d.e", "..", "ey..", "." * 7000]:
            answers.append(attack.try_to_ask("/v2/", Authorization="Bearer " + text))
        for answer in answers:
            attack.expect_status(answer, 400, 401, 429, 431, 503)
