"""strace, which stops single threads of a process at single system calls and lets them fail or die there."""

import contextlib
import shutil
import subprocess
from pathlib import Path

from checks import Skipped, expect, wait_until

# All by which a file of the store comes, changes or goes.
CALLS = ("pwrite64", "fsync", "mkdir", "rename", "link", "unlink", "ftruncate")


def need_strace():
    if not shutil.which("strace"):
        raise Skipped("there is no strace")


@contextlib.contextmanager
def injected(subject, thread, call, what, nth):
    """Has the nth such call fail, of each thread that bears this name: `signal=KILL` or `error=EIO`."""
    ids = subject.threads(thread)
    expect(ids, f"no thread is called {thread}")
    command = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:{what}:when={nth}"]
    for thread_id in ids:
        command += ["-p", thread_id]
    strace = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(10, "strace's hold", lambda: strace.poll() is not None or all(is_traced(subject, i) for i in ids))
        yield
    finally:
        strace.terminate()
        strace.wait(10)


def is_traced(subject, thread_id):
    with contextlib.suppress(OSError):
        status = Path(f"/proc/{subject.pid}/task/{thread_id}/status").read_text()
        return "TracerPid:\t0\n" not in status
    return False
