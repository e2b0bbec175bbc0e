"""Secrets that come back from where we sent them."""

import base64
import json
import stat
from urllib.parse import quote

from harness.checks import expect, expect_equal

from attack import attack
from stage import PASSWORD, USER
from tricks import Tokens, first, where

TOKEN = "token-canary-7f3a"


def forms_of(secret):
    raw = secret.encode()
    forms = {secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]}
    return forms | {base64.b64encode(it).decode().rstrip("=") for it in (raw, f"{USER}:{secret}".encode())}


SECRETS = forms_of(PASSWORD) | forms_of(TOKEN)


def echo(handler):
    """Tells what it was sent, in each place that may be passed on."""
    said = f"you sent {handler.headers.get('Authorization')} for {' '.join(sorted(SECRETS))}"
    body = json.dumps({"errors": [{"code": "DENIED", "message": said, "detail": said}], "error": said, "details": said})
    plain = said.encode("ascii", "replace").decode()
    headers = {"Content-Type": "application/json", "Docker-Content-Digest": plain, "Link": f"<{plain}>", "Retry-After": plain}
    status = int(handler.path.rpartition("/")[2].split("?")[0][1:4])
    handler.answer(status, body.encode(), headers)
    return True


def echo_to_the_known(handler):
    return bool(handler.headers.get("Authorization")) and echo(handler)


@attack("S36, S16")
def echoed_secrets_are_told_to_nobody(attack):
    tokens = Tokens(attack.upstream, body=json.dumps({"token": TOKEN}).encode())
    answers = []
    for status in (400, 401, 403, 404, 429, 500, 503):
        attack.upstream.trick = first(where("/manifests/", echo_to_the_known), tokens)
        answers.append(attack.try_to_ask(attack.path(f"manifests/v{status}")))

    def token_echo(handler):
        handler.path = handler.path.replace("/token", "/token/v401")
        return echo(handler)

    attack.upstream.trick = first(lambda handler: handler.path.startswith("/token") and token_echo(handler), tokens)
    answers += [attack.try_to_ask(attack.path("manifests/v1", f"team/other{number}")) for number in range(2)]
    reference = f"{attack.upstream_name}/team/app:v403"
    pages = ("/metrics", "/api/stats", "/api/health", "/api/missing", f"/api/explain?reference={reference}")
    answers += [attack.ask(path) for path in pages]
    said = "".join(f"{answer.headers}{answer.body.decode()}" for answer in answers if answer is not None)
    expect(any(tokens.shown), "nothing was sent that could be told")
    expect_silent("an answer", said)
    expect_silent("the log", attack.cache.log())


def expect_silent(what, text):
    told = [secret for secret in SECRETS if secret in text]
    expect(not told, f"{what} has {told[0] if told else ''} in {around(text, told[0]) if told else ''}")


def around(text, secret):
    at = text.index(secret)
    return repr(text[max(0, at - 120) : at + len(secret) + 60])


@attack("S16", places=("war",))
def files_are_for_their_owner_alone(attack):
    data = attack.cache.data
    expect_equal("the mode of the storage folder", "0o700", oct(stat.S_IMODE(data.stat().st_mode)))
    databases = list(data.rglob("*.db"))
    expect(databases, "there is no database")
    for file in databases:
        expect_equal(f"the mode of {file.name}", "0o600", oct(stat.S_IMODE(file.stat().st_mode)))


@attack("S31, S16")
def errors_tell_no_address_of_an_upstream(attack):
    attack.upstream.refuses = True
    host = attack.upstream.url.removeprefix("http://")
    for what in ("manifests/v1", "tags/list", "blobs/sha256:" + "0" * 64):
        answer = attack.ask(attack.path(what))
        attack.expect_status(answer, 502, 503)
        expect(host.encode() not in answer.body, f"{what} tells {answer.body}")
