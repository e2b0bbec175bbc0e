"""F4: a disk that refuses one system call of a fill, a commit or an eviction. The process goes on."""

from checks import check, expect, expect_equal, need_root, wait_until
from commit import SETTINGS, STEPS, Cycle
from tracing import CALLS, Injection, need_strace

ERRORS = ("EIO", "ENOSPC")


@check
def error_of_each_system_call_of_a_cycle_is_survived(run):
    need_root("strace of another process")
    need_strace()
    cycle = Cycle(run, **SETTINGS)
    cycle.subject.start()
    failures = 0
    for thread, prepare, step in STEPS:
        prepare(cycle)
        for call in CALLS:
            for error in ERRORS:
                nth = 1
                while fail_at(cycle, thread, step, call, error, nth):
                    print(thread, call, error, nth, cycle.subject.health())
                    failures += 1
                    nth += 1
    run.note(f"{failures} failures")


def fail_at(cycle, thread, step, call, error, nth):
    """Returns false when the cycle went through without so many calls."""
    cycle.renew()
    with Injection(cycle.subject, thread, call, f"error={error}", nth) as injection:
        step(cycle)
    return injection.struck()
