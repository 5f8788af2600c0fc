"""Whether a SHA-256 of ours and an MD5 of DVC's are of one file, remembered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from dslineage.errors import ResourceError
from dslineage.lineage.dvcstages import StageFile, chunks_of
from dslineage.store.files import sweep, write_file
from dslineage.versions.worktree import HashCache

if TYPE_CHECKING:
    from dslineage.records import FileEntry
    from dslineage.versions.git import Git


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was found out about pairs of hashes, which no later change of a file can make untrue."""

    path: Path
    known: dict[str, bool]
    hashes: HashCache

    @classmethod
    def load(cls, git: Git) -> Verdicts:
        """Read what is known; a cache that cannot be read is empty."""
        folder = git.common_dir / "dslineage" / "cache"
        path = folder / "dvc.json"
        try:
            found = orjson.loads(path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            found = {}
        entries = found if isinstance(found, dict) else {}
        known = {pair: same for pair, same in entries.items() if isinstance(same, bool)}
        return cls(path, known, HashCache.load(folder / "files.json"))

    def same(self, entry: FileEntry, named: StageFile, where: Path) -> bool | None:
        """Whether DVC's file is ours; None where ours is not in the work tree to find out."""
        if named.md5 is None:
            return None
        if named.size not in {None, entry.size}:
            return False
        pair = f"{entry.sha256.hex} {named.md5} {named.legacy:d}"
        if pair not in self.known:
            if not where.is_file() or where.stat().st_size != entry.size:
                return None
            if self.hashes.hash_of(where) != entry.sha256:
                return None
            self.known[pair] = named.is_of(chunks_of(where))
        return self.known[pair]

    def save(self) -> None:
        """Keep what is known for the next command, where the disk lets us."""
        self.hashes.save()
        try:
            sweep(self.path)
            write_file(self.path, orjson.dumps(self.known), durable=False)
        except (ResourceError, OSError):
            return
