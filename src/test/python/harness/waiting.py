"""Waiting for a condition, and work in threads."""

import contextlib
import threading
import time

from harness.checks import Failed


def wait_until(seconds, what, condition, every=0.02):
    """Polls until the condition holds, and gives what it returned."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise Failed(f"{what} did not happen within {seconds} s")
        time.sleep(every)
    return result


@contextlib.contextmanager
def running(*works):
    """Each works in a thread of its own while the body of the `with` does; where that ends well, all are waited for."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    yield threads
    for thread in threads:
        thread.join()
