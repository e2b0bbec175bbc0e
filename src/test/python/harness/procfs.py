"""What Linux tells about a process."""

import contextlib
import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def status(pid, key, task=None):
    """A number of /proc/PID/status, or of one of its tasks."""
    folder = Path(f"/proc/{pid}")
    if task is not None:
        folder = folder / "task" / str(task)
    for line in (folder / "status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1])
    raise KeyError(key)


def is_alive(pid):
    """Whether it runs; one that has ended and whom nobody waited for does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def is_traced(pid, task):
    with contextlib.suppress(OSError):
        return status(pid, "TracerPid", task) != 0
    return False


def family(pid):
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def cpu_seconds(pid):
    """Seconds of processor time so far, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_mib(pid):
    """The most memory that was resident since the last `forget_peak`."""
    return status(pid, "VmHWM") / 1024


def forget_peak(pid):
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def tasks(pid):
    return os.listdir(f"/proc/{pid}/task")


def tasks_named(pid, name):
    """The ids of its threads whose names begin so; Linux knows the first fifteen letters."""
    found = []
    for task in tasks(pid):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/task/{task}/comm").read_text().startswith(name):
                found.append(task)
    return found


def descriptors(pid):
    return os.listdir(f"/proc/{pid}/fd")
