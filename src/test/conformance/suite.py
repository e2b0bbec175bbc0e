"""The conformance suite of the OCI distribution specification: a run of it, and two runs side by side."""

import collections
import os
import subprocess
import xml.etree.ElementTree
from urllib.parse import urlsplit

from harness.checks import Failed

SECONDS = 600
ROOT_NAME = "OCI Conformance Test/"
# The suite's own settings, the same for both runs. "dev" asks for all that 1.1 asks for, and for the digest in each answer. A cache serves
# what it holds, also after a deletion upstream: that a deleted blob or manifest is gone at once is what neither run is asked for.
SETTINGS = {
    "OCI_VERSION": "dev",
    "OCI_TLS": "disabled",
    "OCI_DATA_SPARSE": "true",
    "OCI_API_BLOBS_ATOMIC": "false",
    "OCI_API_MANIFESTS_ATOMIC": "false",
}


class Results:
    """What one run found. A test that is made several times under one name has several outcomes."""

    def __init__(self, junit):
        self._outcomes = collections.defaultdict(collections.Counter)
        self._reasons = collections.defaultdict(list)
        for case in xml.etree.ElementTree.parse(junit).iter("testcase"):
            name = case.get("name").removeprefix(ROOT_NAME)
            self._outcomes[name][case.get("status")] += 1
            if case.get("status") != "passed":
                self._reasons[name].append(" ".join((case.findtext("system-out") or case.findtext("system-err") or "").split()))

    @property
    def names(self):
        return list(self._outcomes)

    def passed(self, name):
        return self._outcomes[name]["passed"]

    def not_passed(self):
        return sum(self._outcomes[name].total() - self.passed(name) for name in self.names)

    def reason(self, name):
        return (self._reasons[name] or ["it was not made"])[0]


def run(program, url, folder):
    """Runs the suite on a registry. Leaves its report and what it said in the folder."""
    folder.mkdir()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("OCI_")} | SETTINGS
    environment |= {"OCI_REGISTRY": urlsplit(url).netloc, "OCI_RESULTS_DIR": str(folder)}
    with (folder / "suite.log").open("wb") as log:
        # It ends with 1 where anything fails, and a registry fails something.
        subprocess.run([program], env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=SECONDS, check=False)
    if not (folder / "junit.xml").exists():
        raise Failed(f"the suite made no report: {(folder / 'suite.log').read_text(errors='replace')[-300:]}")
    return Results(folder / "junit.xml")


def compare(direct, through):
    """How many tests pass in both runs; and for each that passes directly only, its name and the reason."""
    passed, failures = 0, []
    for name in direct.names:
        both = min(direct.passed(name), through.passed(name))
        passed += both
        failures += [(name, through.reason(name))] * (direct.passed(name) - both)
    return passed, failures
