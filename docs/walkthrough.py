"""Writes what `examples/merge/conflict.sh` prints into `docs/merge.md`: `make docs`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from docs.generate import PINNED, PROMPTS

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "merge.md"
SCRIPT = ROOT / "examples" / "merge" / "conflict.sh"
DATA = PROMPTS / "prompts-r03-93de120f.csv"
_SHOWN = re.compile(r"(?<=<!-- what conflict.sh prints -->\n\n```console\n).*?(?=```\n)", re.DOTALL)


def told(page: str) -> str:
    """The text of the page, its walk anew."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [SCRIPT, DATA, folder],
            env=os.environ | PINNED | {"PATH": path},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    return _SHOWN.sub(lambda _: done.stdout, page)


if __name__ == "__main__":
    PAGE.write_text(told(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
