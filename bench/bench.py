"""Compares Entrepot with its peers on this machine: every case interleaved, several rounds after a warm-up.

usage: bench/run [CASE...] [--rounds N] [--only SUBJECT,...] [--list] [--keep]

Writes bench/results/results.md (medians, ratios, bars), results.json (every value) and results.svg. Only ratios mean
something: peers and Entrepot share the machine with the clients.
"""

import argparse
import contextlib
import json
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path

import cases
import growth  # noqa: F401, its import makes more cases
import report
import servers
from contents import Contents
from harness.checks import Skipped
from harness.relay import Relay

RESULTS = Path(__file__).resolve().parent / "results"


class Run:
    """The upstream and the subjects, started when a case asks for them."""

    def __init__(self, only):
        self.only = only
        self.folder = Path(tempfile.mkdtemp(prefix="entrepot-bench-"))
        self.upstream = servers.new_server(servers.Registry, self.folder)
        self.contents = Contents(self.upstream.data)
        self.running = {}
        self.relays = {}
        self.closing = contextlib.ExitStack()
        self.closing.callback(self.upstream.stop)
        self.upstream.start()

    def subjects(self, case):
        """Those of a case that this machine has, running; the same ones for cases that want nothing special."""
        for cls in case.subjects:
            if self.only and cls.name not in self.only:
                continue
            try:
                yield self.running_server(cls, case)
            except Skipped as e:
                print(f"  {cls.name} is skipped: {e}")

    def running_server(self, cls, case):
        options = getattr(case, "options", {})
        link = getattr(case, "link", None)
        key = cls.name, str(options), link
        if key not in self.running:
            upstream = self.relay(link).url if link else self.upstream.url
            server = servers.new_server(cls, self.folder, upstream, **options)
            self.closing.callback(server.stop)
            server.start()
            self.running[key] = server
        return self.running[key]

    def relay(self, link):
        """The way to the upstream over such a link."""
        if link not in self.relays:
            self.relays[link] = Relay(self.upstream.port, link).start()
            self.closing.callback(self.relays[link].close)
        return self.relays[link]

    def drop_large(self):
        for server in self.running.values():
            servers.drop_large(server)


def measure(case, run, rounds):
    """All rounds of one case, as subject to list of values; a subject that breaks is left out and said so."""
    if hasattr(case, "measure_all"):
        return case.measure_all(run, rounds)
    case.prepare(run)
    taking_part, results = {}, {}
    for server in run.subjects(case):
        with leaving_out(server, taking_part):
            taking_part[server.name] = server
            case.warm_up(server)
    case.after_round(run, 0)
    for number in range(1, rounds + 1):
        for server in list(taking_part.values()):
            with leaving_out(server, taking_part):
                results.setdefault(server.name, []).append(case.measure(server, number))
        case.after_round(run, number)
    return {name: results[name] for name in taking_part}


@contextlib.contextmanager
def leaving_out(server, taking_part):
    try:
        yield
    except Exception as e:
        traceback.print_exc()
        print(f"  {server.name} is left out: {e}", flush=True)
        taking_part.pop(server.name, None)


def write(results, arguments):
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "results.md").write_text(report.table(results, " ".join(["bench/run", *arguments])))
    (RESULTS / "results.svg").write_text(report.plot(results))
    values = {case.name: rounds for case, rounds in results}
    (RESULTS / "results.json").write_text(json.dumps(values, indent=1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", default="", help="subjects, separated by commas")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    if options.list:
        print(*cases.CASES, sep="\n")
        return
    if unknown := set(options.cases) - set(cases.CASES):
        parser.error(f"there is no case {', '.join(unknown)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    run = Run([name for name in options.only.split(",") if name])
    results = []
    try:
        for name in options.cases or [n for n, c in cases.CASES.items() if not getattr(c, "long", False)]:
            case = cases.CASES[name]()
            print(name, flush=True)
            if rounds := measure(case, run, options.rounds or case.rounds):
                results.append((case, rounds))
                write(results, sys.argv[1:])
                print(report.rows(case, rounds), flush=True)
    finally:
        run.closing.close()
        if options.keep:
            print(f"left in {run.folder}")
        else:
            shutil.rmtree(run.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
