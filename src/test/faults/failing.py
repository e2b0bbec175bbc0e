"""F4: a disk that refuses one system call of a fill, a commit or an eviction. The process goes on."""

import collections

from commit import SETTINGS, STEPS, Cycle, expect_all_struck
from harness.checks import check, expect, expect_equal
from harness.waiting import wait_until
from tracing import CALLS, Injection, need_strace

# The words that the errors have in Linux.
ERRORS = {"EIO": "Input/output error", "ENOSPC": "No space left on device"}
# What a checkpoint and the commit of a blob do with the disk, and nobody else does on that thread.
COMMIT = ("fdatasync", "fsync", "rename")


@check
def error_of_each_system_call_of_a_cycle_is_survived(run):
    need_strace()
    cycle = Cycle(run, **SETTINGS)
    cycle.subject.start()
    failures = collections.Counter()
    for thread, prepare, step in STEPS:
        prepare(cycle)
        for call in CALLS:
            for error in ERRORS:
                nth = 1
                while fail_at(cycle, thread, step, call, error, nth):
                    failures[thread, call] += 1
                    nth += run.either(2, 1) if call == "pwrite64" else 1
    run.note(f"{failures.total()} failures")
    expect_all_struck(failures)
    expect(failures.total() >= run.either(30, 50), f"only {failures}: the cycle does less than it must")
    cycle.fill_and_expire()
    cycle.expect_all_leased()
    cycle.expect_all_expire()


def fail_at(cycle, thread, step, call, error, nth, tells=True):
    """Returns false when the cycle went through without so many calls. A mark that cannot be written is nobody's trouble."""
    cycle.renew()
    what = f"{error} of {call} {nth} of {thread}"
    with Injection(cycle.subject, thread, call, f"error={error}", nth) as injection:
        answer = step(cycle, injection.struck)
    if not injection.struck():
        return False
    expect_equal(f"the answer during {what}", 200, answer.status)
    expect(answer.digest in (cycle.blob, cycle.manifest), f"{what} spoils the answer")
    if tells and call in COMMIT:
        trouble = cycle.subject.health().get("storage", "")
        expect(ERRORS[error] in trouble, f"{what}: health says {trouble!r}")
        # The later syncs are those of folders: the bytes are on the disk by then, whatever they are called.
        doubtful = call == "rename" or nth == 1
        expect(not doubtful or not cycle.subject.has_file(answer.digest), f"{what}: what may not be on the disk is kept")
    expect_recovered(cycle, what)
    return True


def expect_recovered(cycle, what):
    """The next pull is kept, and all is well again."""
    cycle.subject.await_idle()
    cycle.subject.stored()
    # The client may have its answer a moment before the file that failed is deleted.
    wait_until(5, f"the end of what {what} leaves", lambda: not cycle.subject.spooled())
    cycle.renew()
    expect_equal(f"the blob after {what}", cycle.blob, cycle.subject.blob(cycle.blob).digest)
    cycle.subject.await_idle()
    expect(cycle.subject.has_file(cycle.blob), f"after {what} nothing is kept any more")
    expect_equal(f"health after {what}", {}, cycle.subject.health())
