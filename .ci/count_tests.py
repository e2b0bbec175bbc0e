#!/usr/bin/env python3
"""Prints how many tests passed and how many failed, as surefire and failsafe reported, and then each failed one with its reason.

usage: count_tests.py FOLDER    the build's folder, which holds the folders of their reports
"""

import sys
import xml.etree.ElementTree
from pathlib import Path


def failure_of(test):
    for kind in ("failure", "error"):
        found = test.find(kind)
        if found is not None:
            reason = (found.get("message") or found.text or "").split()
            return f"{test.get('classname')}.{test.get('name')}: {' '.join(reason)[:300]}"
    return None


def main():
    passed = failed = 0
    failures = []
    for report in sorted(Path(sys.argv[1]).glob("*-reports/TEST-*.xml")):
        suite = xml.etree.ElementTree.parse(report).getroot()
        tests, errors, failed_here, skipped = (int(suite.get(k)) for k in ("tests", "errors", "failures", "skipped"))
        failed += errors + failed_here
        passed += tests - errors - failed_here - skipped
        failures += filter(None, map(failure_of, suite.iter("testcase")))
    print(passed, failed, *failures, sep="\n")


if __name__ == "__main__":
    main()
