"""Record a file's version with Oxen: `python oxen_add.py REPOSITORY FILE MESSAGE`."""

from __future__ import annotations

import sys
from pathlib import Path

from oxen import Repo

root, file, message = sys.argv[1:]
repo = Repo(root)
if not (Path(root) / ".oxen").exists():
    repo.init()
repo.add(str(Path(root) / file))
print(repo.commit(message).id)
