"""The objects of Git LFS on this machine, in `lfs/objects` of git's common folder."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage.elsewhere.place import Place

if TYPE_CHECKING:
    from dslineage.elsewhere.seeker import Seeker
    from dslineage.versions.git import Git

_OID = re.compile(r"[0-9a-f]{64}")


def in_lfs(git: Git, seeker: Seeker) -> Iterator[Place]:
    """The objects that have forgotten examples; then its server has them, too, for all we know."""
    found = False
    for path in sorted((git.common_dir / "lfs" / "objects").glob("*/*/*")):
        if not _OID.fullmatch(path.name) or path.is_symlink():
            continue
        sight = seeker.by_hash(path.name) or seeker.in_file(path)
        if sight is not None:
            found = True
            yield Place("lfs", str(path), *sight, f"rm {shlex.quote(str(path))}; git lfs prune")
    if found:
        why = "what was pushed there is removed by whoever runs it"
        yield Place("lfs", "the server of Git LFS", "unknown", why, "git lfs env")
