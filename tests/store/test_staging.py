"""Staging folders: what a killed writer left goes, what a living one uses stays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from dslineage.store.staging import staging
from dslineage.store.store import Store

PROJECT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from pathlib import Path
from dslineage.store.staging import staging
from dslineage.store.store import Store
with staging(Store(Path(sys.argv[1]))) as staged:
    (staged.root / "packs" / "half").write_bytes(b"half")
    print(staged.root, flush=True)
    time.sleep(60)
"""


def writing(store: Store) -> tuple[subprocess.Popen[str], Path]:
    """A process in the middle of an add, and its staging folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store.root)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    process.stdout.close()
    return process, folder


def test_the_next_writer_sweeps_what_a_killed_one_left(tmp_path: Path) -> None:
    store = Store(tmp_path / "objects")
    process, folder = writing(store)
    try:
        with staging(store):
            assert (folder / "packs" / "half").exists()
    finally:
        process.kill()
        process.wait()
    assert folder.exists()
    with staging(store) as staged:
        assert not folder.exists()
        assert staged.root.exists()
    assert list(store.temporary_folder.iterdir()) == []
