"""What runs on a cluster needs little, and loads little."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_SCRIPT = """
import sys
import dslineage
from dslineage.training.recorder import Recorder
from dslineage.training.session import Session

rows = [{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}]
assert dslineage.watch(rows) is rows
loaded = {name.partition(".")[0] for name in sys.modules}
loaded |= {name for name in sys.modules if name.startswith("dslineage.")}
print(*sorted(loaded))
"""
_NOT_NEEDED = {
    "datasets", "deepdiff", "dvc", "ftfy", "git", "lightning", "networkx", "openpyxl", "pandas",
    "pyarrow", "torch", "transformers", "trl", "typer",
    "dslineage.lineage", "dslineage.repository", "dslineage.store", "dslineage.versions",
    "dslineage.workspace",
}  # fmt: skip


def test_watch_and_the_recorder_load_neither_a_trainer_nor_what_knows_repositories(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert set(done.stdout.split()) & _NOT_NEEDED == set()
