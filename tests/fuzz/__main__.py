"""A long run over every target: `python -m tests.fuzz [--seconds S] [--seed N] [--only WORD]`.

Ends with 1 where anything broke; the bytes that did it, and the traceback, are in the folder that
is named at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz.targets import TARGETS

_LONGER = 300


def _run(name: str, seconds: float, seed: int, folder: Path) -> Counter[str]:
    """One target in a process of its own; its counts, and a bug where the process was lost."""
    folder.mkdir(parents=True)
    command = [
        sys.executable,
        "-m",
        "tests.fuzz.engine",
        name,
        str(seconds),
        str(seed),
        str(folder),
    ]
    with (folder / "output.txt").open("wb") as output:
        try:
            code = subprocess.run(
                command, stdout=output, stderr=output, timeout=seconds + _LONGER, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            code = -1
    counted = folder / "counts.json"
    counts = Counter(json.loads(counted.read_bytes())) if counted.exists() else Counter[str]()
    if code:
        counts["bugs"] += 1
    print(f"{name:36}{'' if code == 0 else f' ended with {code}'} {dict(counts)}", flush=True)
    return counts


def main() -> int:
    """Run every target for its share of the time."""
    reader = argparse.ArgumentParser(prog="python -m tests.fuzz")
    reader.add_argument("--seconds", type=float, default=300, help="for all targets together")
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--only", default="", help="targets with this word in their names")
    reader.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = reader.parse_args()
    names = [name for name in TARGETS if asked.only in name]
    folder = Path(tempfile.mkdtemp(prefix="dslineage-fuzz-"))
    os.environ |= {"HOME": str(folder), "ARROW_DEFAULT_MEMORY_POOL": "system",
                   "TMPDIR": tempfile.mkdtemp(prefix="work-", dir=folder)}  # fmt: skip
    for role in ("AUTHOR", "COMMITTER"):
        os.environ |= {f"GIT_{role}_NAME": "Ada", f"GIT_{role}_EMAIL": "ada@example.org"}
    share = asked.seconds * asked.jobs / max(len(names), 1)
    with ThreadPoolExecutor(asked.jobs) as pool:
        found = pool.map(
            lambda one: _run(one[1], share, asked.seed, folder / f"{one[0]:03}"), enumerate(names)
        )
        total = sum(found, Counter[str]())
    print(f"{len(names)} targets: {dict(total)}; see {folder}")
    return 1 if total["bugs"] else 0


if __name__ == "__main__":
    sys.exit(main())
