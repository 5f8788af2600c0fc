"""Whether a data file that git has in conflict is as git left it, or a person was at work in it."""

from __future__ import annotations

import contextlib
import re
import tempfile
from pathlib import Path

from dslineage.errors import UsageError
from dslineage.versions.git import Git

_MARK = re.compile(rb"^(<{7}|\|{7}|={7}|>{7})(?: .*)?$", re.MULTILINE)


def untouched(git: Git, path: str) -> bool:
    """Whether a tracked file has the bytes that git's own merge of it gives."""
    here = _plain((git.root / path).read_bytes())
    stages = [git.read(f":{stage}", path) for stage in (2, 1, 3)]
    if path not in git.unmerged_names():
        merged = git.read("", path)
        return merged is not None and here == _plain(merged)
    if None in stages:
        return here in {_plain(one) for one in stages if one is not None}
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("ours", "base", "theirs")]
        for file, data in zip(files, stages, strict=True):
            file.write_bytes(data or b"")
        with contextlib.suppress(UsageError):  # by which it says that there are conflicts
            git.ask(["merge-file", "-q", *map(str, files)])
        return here == _plain(files[0].read_bytes())


def _plain(data: bytes) -> bytes:
    """The text without what git says beside its marks, and with one end of line."""
    return _MARK.sub(rb"\1", data.replace(b"\r\n", b"\n"))
