"""The administrative API, tried by schemathesis with what its own description of itself allows, and with what it does not."""

import os
import subprocess
import sys
import xml.etree.ElementTree

from harness.checks import Failed, Skipped, expect
from harness.entrepot import ROOT, Executable

VERSION = "4.32.5"
FOLDER = ROOT / "target/schemathesis"
SECONDS = 600
EXAMPLES = 40
# What each call is asked to hold; that which knows nothing of a cache is left out:
# positive_data_acceptance  a name that the description allows may be of nothing that is here
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
]
# One ends the service, the other one's answer has no end.
LEFT_OUT = ["/drain", "/events"]
SETTINGS = {"proxy.name": "hub", "storage.reserve": "0", "http.maxperclient": "0", "proxy.connecttimeout": "1s"}


def program():
    """The pinned schemathesis, in an environment of its own."""
    found = FOLDER / "bin/schemathesis"
    if not found.is_file():
        for command in ([sys.executable, "-m", "venv", FOLDER], [FOLDER / "bin/pip", "install", "-q", f"schemathesis=={VERSION}"]):
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, check=False)
            if done.returncode:
                raise Skipped(f"schemathesis {VERSION} is not to be had here: {done.stderr[-300:]}")
    return found


def run(folder, upstream):
    """Tries the API of a cache of a registry. Returns how many calls are as described, and what is wrong with the others."""
    cache = Executable(folder / "cache", upstream.url, settings=SETTINGS)
    cache.start()
    try:
        expect(cache.get("/v2/app/tags/list").status in (200, 404), "the cache does not reach its upstream")
        return tried(folder, cache)
    finally:
        cache.close()


def tried(folder, cache):
    report = folder / "api.xml"
    left_out = [word for path in LEFT_OUT for word in ("--exclude-path", path)]
    command = [program(), "run", f"{cache.url}/api/openapi.json", "--url", f"{cache.url}/api", "--checks", ",".join(CHECKS)]
    command += ["--max-examples", str(EXAMPLES), "--seed", "18", "--continue-on-failure", "--report", "junit", "--report-junit-path", report]
    environment = os.environ | {"NO_COLOR": "1"}
    done = subprocess.run(
        [*map(str, command), *left_out], cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    (folder / "api.log").write_text(done.stdout + done.stderr)
    if not report.is_file():
        raise Failed(f"schemathesis made no report: {done.stdout[-500:]}{done.stderr[-500:]}")
    outcomes = {}
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        wrong = [" ".join((child.get("message") or child.text or "").split()) for child in case if child.tag in ("failure", "error")]
        outcomes.setdefault(case.get("name"), []).extend(wrong)
    if not cache.answers():
        raise Failed("the cache does not answer any more")
    wrong = {name: texts for name, texts in outcomes.items() if texts}
    return len(outcomes) - len(wrong), wrong
