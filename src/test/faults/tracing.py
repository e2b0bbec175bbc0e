"""strace, which stops single threads of a process at single system calls and lets them fail or die there."""

import subprocess

from harness import procfs
from harness.checks import expect, need_program, need_root
from harness.waiting import wait_until

# All by which a file of the store comes, changes or goes.
CALLS = ("pwrite64", "fsync", "mkdir", "rename", "link", "unlink", "ftruncate")


def need_strace():
    need_root("strace of another process")
    need_program("strace")


class Injection:
    """A fault in the nth such call of each thread that bears this name: `signal=KILL` or `error=EIO`."""

    def __init__(self, subject, thread, call, what, nth):
        self._subject = subject
        self._log = subject.data.parent / "strace.out"
        self._threads = subject.threads(thread)
        expect(self._threads, f"no thread is called {thread}")
        self._command = ["strace", "-qq", "-o", str(self._log), "-e", f"trace={call}"]
        self._command += ["-e", f"inject={call}:{what}:when={nth}"]
        for thread_id in self._threads:
            self._command += ["-p", thread_id]

    def __enter__(self):
        self._log.write_text("")
        self._strace = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(10, "strace's hold", lambda: self._strace.poll() is not None or self._holds_all())
        return self

    def _holds_all(self):
        return all(procfs.is_traced(self._subject.pid, thread_id) for thread_id in self._threads)

    def __exit__(self, *failure):
        self._strace.terminate()
        self._strace.wait(10)

    def struck(self):
        """Whether a call has been made to fail; known after the end."""
        return "(INJECTED)" in self._log.read_text(errors="replace")
