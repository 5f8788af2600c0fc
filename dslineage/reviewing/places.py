"""Where the examples that a sheet names stand in a version."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dslineage.reviewing.workbook import Filled
    from dslineage.versions.snapshot import Snapshot

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def origins(sheet: Filled) -> dict[str, set[str]]:
    """The digests that the rows of a sheet name, by the version that they are of."""
    found: dict[str, set[str]] = {}
    for line in sheet.lines:
        names = (("version", "base"), ("from_version", "before"))
        for version, digest in names:
            if line.text(digest):
                found.setdefault(line.text(version), set()).add(line.text(digest))
    return found


def places_of(snapshot: Snapshot, digests: Collection[str]) -> dict[str, list[int]]:
    """Where examples with some digests stand in a version: positions, ascending."""
    wanted = {bytes.fromhex(text[7:]): text for text in digests if is_digest(text)}
    found: dict[str, list[int]] = {}
    if not wanted:
        return found
    all_ = snapshot.digests(snapshot.rows())
    heads = np.ascontiguousarray(all_[:, :8]).view("<u8").ravel()
    near = np.isin(heads, np.frombuffer(b"".join(raw[:8] for raw in wanted), "<u8"))
    for position in np.flatnonzero(near).tolist():
        text = wanted.get(all_[position].tobytes())
        if text is not None:
            found.setdefault(text, []).append(position)
    return found


def is_digest(text: str) -> bool:
    """Whether a text is `sha256:` and 64 hex digits."""
    return _DIGEST.fullmatch(text) is not None
