"""Checks of the systemd unit, by systemd-analyze: there is no systemd that runs."""

import re
import subprocess

from harness.checks import check, expect, need_program
from harness.entrepot import ROOT

UNIT = ROOT / "deploy/systemd/entrepot.service"
# What deploy/systemd/README.md says. 10 would be a service without any limit.
MOST_EXPOSED = 2.0


def analyze(*arguments):
    need_program("systemd-analyze")
    return subprocess.run(["systemd-analyze", *arguments, str(UNIT)], capture_output=True, text=True, timeout=60, check=False)


@check
def unit_is_understood(run):
    done = analyze("verify")
    expect(done.returncode == 0 and not done.stderr.strip(), done.stderr[-1000:])


@check
def unit_has_few_rights(run):
    done = analyze("security", "--offline=true", "--no-pager")
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    expect(found, f"systemd-analyze has not judged: {done.stderr[-500:]}")
    expect(float(found[1]) < MOST_EXPOSED, f"its exposure is {found[1]}")
    run.note(f"exposure {found[1]}")
