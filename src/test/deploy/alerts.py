"""Checks of ops/prometheus, by promtool."""

import subprocess

from harness.checks import check, expect
from harness.debian import unpack
from harness.entrepot import ROOT

PROMETHEUS = ROOT / "ops/prometheus"


def promtool(*arguments):
    program = unpack("prometheus", "usr/bin/promtool")
    done = subprocess.run([program, *arguments], cwd=PROMETHEUS, capture_output=True, text=True, timeout=60, check=False)
    expect(done.returncode == 0, f"promtool {' '.join(arguments)}: {done.stdout[-1000:]} {done.stderr[-1000:]}")
    return done.stdout


@check
def alerts_are_well_formed(run):
    expect("SUCCESS" in promtool("check", "rules", "alerts.yml"), "promtool has not said that it succeeded")


@check
def alerts_fire_and_do_not_fire_as_their_tests_say(run):
    expect("SUCCESS" in promtool("test", "rules", "alerts_test.yml"), "promtool has not said that it succeeded")


@check
def each_alert_has_a_test_in_which_it_fires(run):
    names = [line.split()[-1] for line in lines("alerts.yml") if line.strip().startswith("- alert:")]
    expect(names, "there are no alerts")
    tests = "".join(lines("alerts_test.yml"))
    for name in names:
        fires = f"alertname: {name}\n        exp_alerts:\n" in tests
        expect(fires, f"no test in which {name} fires")


def lines(file):
    return (PROMETHEUS / file).read_text().splitlines(keepends=True)
