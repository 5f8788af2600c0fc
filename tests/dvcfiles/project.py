"""A repository whose data DVC keeps, and real DVC."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from dslineage.results import AddResult, DatasetStatus
from dslineage.versions.options import ReadOptions
from tests.versions.support import Bench


def run_dvc(root: Path, *arguments: str) -> str:
    """What DVC says, where it does as it is told."""
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"DVC_NO_ANALYTICS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclass(frozen=True)
class Project(Bench):
    """A repository of git and DVC."""

    def dvc(self, *arguments: str) -> str:
        return run_dvc(self.root, *arguments)

    def kept(self, name: str, data: bytes) -> None:
        """A file as `dvc add` leaves it, and that committed."""
        path = self.put(name, data)
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        self.put(f".dvc/cache/files/md5/{md5[:2]}/{md5[2:]}", data).chmod(0o444)
        text = f"outs:\n- md5: {md5}\n  size: {len(data)}\n  hash: md5\n  path: {path.name}\n"
        self.put(f"{name}.dvc", text.encode())
        (path.parent / ".gitignore").write_text(f"/{path.name}\n")
        self.git("add", "-A")
        self.git("commit", "-qm", f"DVC keeps {name}")

    def record(self, name: str, data: bytes | None = None) -> AddResult:
        """A new version of a file."""
        if data is not None:
            self.put(name, data)
        return self.repo.add([self.root / name], measure=False, options=ReadOptions())

    def status(self) -> DatasetStatus:
        (status,) = self.repo.status().datasets
        return status

    def staged(self) -> list[str]:
        """What the next commit holds, records aside."""
        names = self.git("diff", "--cached", "--name-only").split()
        return [name for name in names if not name.startswith(".dslineage/")]

    def is_settled(self) -> bool:
        """Whether DVC finds its files right."""
        return self.dvc("status", "--json").strip() == "{}"
