"""`python -m dslineage_cli.driver diff|merge FILE...`: what git runs for a pointer.

`diff` prints a pointer in lines, and a file that is none as it is, but for what a terminal obeys;
where it fails, git's setting shows the file.
`merge` ends with 0 where the merge is settled, with 1 where it is a conflict, and with 129 where
dslineage itself failed, which git tells from a conflict.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from dslineage.versions.git import Git
from dslineage_cli.sanitise import visible

CONFLICT = 1
CRASHED = 129


def diff(path: str) -> int:
    """Print what a pointer says."""
    from dslineage_hooks.diffdriver import described

    data = Path(path).read_bytes()
    lines = described(Git.find(Path.cwd()), data)
    if lines is None:
        lines = data.decode(errors="surrogateescape").removesuffix("\n").split("\n")
    sys.stdout.buffer.write("".join(f"{visible(line)}\n" for line in lines).encode())
    return 0


def merge(base: str, ours: str, theirs: str, size: str, path: str) -> int:
    """Merge two pointers into ours; the exit code for git."""
    from dslineage_hooks.mergedriver import marked, merged

    was, mine, yours = (Path(name).read_bytes() for name in (base, ours, theirs))
    outcome = merged(Git.find(Path.cwd()), was, mine, yours, path)
    if outcome.taken == "theirs":
        Path(ours).write_bytes(yours)
    if outcome.taken is not None:
        return 0
    Path(ours).write_bytes(marked(mine, yours, int(size)))
    sys.stderr.write(f"dslineage: {visible(outcome.said)}\n")
    return CONFLICT


def main(argv: Sequence[str]) -> int:
    """Run one driver."""
    return diff(*argv[1:]) if argv[0] == "diff" else merge(*argv[1:])


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    traceback.print_exception(kind, error, trace)
    sys.stderr.flush()
    os._exit(CRASHED)


if __name__ == "__main__":
    sys.excepthook = _crashed
    sys.exit(main(sys.argv[1:]))
