"""All benchmarks, one after the other, each in a process of its own: `python -m tests.benchmarks [names]`.

Peers (PyTorch, JAX, micrograd, HIPS autograd) take part where they are installed.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

BUSY = 0.05
"""The share of the processor that others may take before the numbers are called those of a busy machine."""


def stolen(seconds: float = 1.0) -> float:
    """The share of all processors that is in use while this process sleeps."""

    def times() -> tuple[int, int]:
        fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
        return fields[3] + fields[4], sum(fields[:8])

    idle, total = times()
    time.sleep(seconds)
    later, end = times()
    return 1 - (later - idle) / max(1, end - total)


def state() -> str:
    """What the machine is and does."""
    text = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    if Path("/proc/stat").exists():
        share = stolen()
        text += f"; {'busy' if share > BUSY else 'idle'}: others use {share:.0%} of the processor"
    return text


def main() -> None:
    """Run them, with the state of the machine and the peak memory of each."""
    names = sys.argv[1:] or sorted(
        path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py")
    )
    peak = 0
    for name in names:
        print(f"=== {name}: {state()}", flush=True)
        subprocess.run([sys.executable, "-m", f"tests.benchmarks.bench_{name}"], check=False)
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        if most > peak:  # the largest child so far
            peak = most
            print(f"peak memory {peak / 1024:.0f} MB")


if __name__ == "__main__":
    main()
