#!/usr/bin/env python3
"""Prints how many tests passed and how many failed, as surefire and failsafe reported.

usage: count_tests.py FOLDER    the build's folder, which holds the folders of their reports
"""

import sys
import xml.etree.ElementTree
from pathlib import Path


def main():
    passed = failed = 0
    for report in Path(sys.argv[1]).glob("*-reports/TEST-*.xml"):
        suite = xml.etree.ElementTree.parse(report).getroot()
        tests, errors, failures, skipped = (int(suite.get(k)) for k in ("tests", "errors", "failures", "skipped"))
        failed += errors + failures
        passed += tests - errors - failures - skipped
    print(passed, failed)


if __name__ == "__main__":
    main()
