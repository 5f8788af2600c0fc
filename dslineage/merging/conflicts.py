"""Conflicts in a file that people edit: one line for each example that was changed in two ways."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dslineage.canonical.jcs import canonical_bytes
from dslineage.canonical.strict import JsonError, parse_json
from dslineage.errors import BadDataError, Fault
from dslineage.merging.fields import Example, changed_fields

CHOICES = ("ours", "theirs", "both", "base", "neither")

Choice = str | Example
"""One of `CHOICES`, or the example as it should be."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One example on three sides; None where it was removed."""

    id: str
    base: Example
    ours: Example | None
    theirs: Example | None

    @property
    def why(self) -> str:
        """What is in the way, in words."""
        if self.ours is None or self.theirs is None:
            gone, kept = ("ours", "theirs") if self.ours is None else ("theirs", "ours")
            return f"removed in {gone}, edited in {kept}"
        fields = [sorted(changed_fields(self.base, one)) for one in (self.ours, self.theirs)]
        if fields[0] == fields[1]:
            return f"edited on both sides: {', '.join(fields[0])}"
        return f"edited in ours: {', '.join(fields[0])}; in theirs: {', '.join(fields[1])}"


def conflicts_of(
    contested: Sequence[tuple[Example, Example | None, Example | None]],
) -> list[Conflict]:
    """Conflicts with ids that are the same whenever the same versions are merged."""
    seen: Counter[str] = Counter()
    found = []
    for base, ours, theirs in contested:
        texts = [b"" if one is None else canonical_bytes(one) for one in (base, ours, theirs)]
        digest = hashlib.sha256(b"".join(hashlib.sha256(text).digest() for text in texts))
        id_ = digest.hexdigest()[:12]
        seen[id_] += 1
        nth = f"-{seen[id_]}" if seen[id_] > 1 else ""
        found.append(Conflict(id_ + nth, base, ours, theirs))
    return found


def conflict_lines(conflicts: Sequence[Conflict]) -> Iterator[bytes]:
    """The file: `choose` is empty, and for people to fill in.

    What an editor or a terminal would obey, or not show, is written as a JSON escape.
    """
    for one in conflicts:
        line = {
            "id": one.id,
            "choose": "",
            "why": one.why,
            "base": one.base,
            "ours": one.ours,
            "theirs": one.theirs,
        }
        text = json.dumps(line, ensure_ascii=False)
        yield "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text).encode() + b"\n"


def read_choices(data: bytes, name: str, conflicts: Sequence[Conflict]) -> dict[str, Choice]:
    """What people chose for each conflict, by id.

    Args:
        data: the file as they left it.
        name: what the file is called.
        conflicts: those that are to be decided.

    Raises:
        BadDataError: a conflict is not decided, or a line is none of this merge.
    """
    wanted = {one.id for one in conflicts}
    choices: dict[str, Choice] = {}
    faults = []
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            if line.strip():
                id_, choice = _decided(line, wanted - choices.keys())
                choices[id_] = choice
        except ValueError as error:
            faults.append(Fault("bad-choice", str(error), name, number, 1, 0))
    missing = wanted - choices.keys()
    if missing or faults:
        gone = f" (the line of {min(missing)} is gone)" if missing and not faults else ""
        raise BadDataError(
            f"{len(missing)} of {len(wanted)} conflicts are not decided{gone}; nothing was changed",
            tuple(faults),
            kind="not-decided",
            hint=f"fill in choose in {name}, then dslineage merge --continue",
        )
    return choices


def _decided(line: bytes, open_: set[str]) -> tuple[str, Choice]:
    """What one line decides; a ValueError says why it decides nothing."""
    try:
        parse_json(line)
    except JsonError as error:
        raise ValueError(error.fault.message) from None
    document = json.loads(line)
    known: Mapping[str, Any] = document if isinstance(document, dict) else {}
    id_, choice = known.get("id"), known.get("choose")
    if not isinstance(id_, str) or id_ not in open_:
        raise ValueError("this merge has no conflict of this id, or it stands twice")
    if isinstance(choice, dict) or choice in CHOICES:
        return id_, choice
    raise ValueError(f"{id_}: choose is none of {', '.join(CHOICES)}, and no example")
