"""Evaluation sets that share examples with the data of a training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dslineage.audit.audited import OverlapLine, Section
from dslineage.audit.lines import Ground, Use, counted
from dslineage.audit.reading import Reader
from dslineage.errors import DslineageError
from dslineage.lineage.node import Node
from dslineage.records import DatasetRecord, Evidence
from dslineage.versions.opening import open_version

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dslineage.store.store import Store

_NAMED = 100
"""How many shared examples are named."""


@dataclass(frozen=True, eq=False)
class _Rows:
    """The digests of a version's examples and conversations, shape (n, 32)."""

    adapter: str
    examples: NDArray[np.uint8]
    conversations: NDArray[np.uint8]

    @cached_property
    def known(self) -> tuple[frozenset[bytes], frozenset[bytes]]:
        """The different ones of each."""
        return frozenset(_each(self.examples)), frozenset(_each(self.conversations))


def overlaps(
    reader: Reader,
    store: Store,
    trained: Sequence[Node],
    used: Iterable[Use],
    configured: Sequence[str],
) -> Section[OverlapLine]:
    """What the evaluation sets of the runs, and those that a team named, share with the data.

    Args:
        reader: the records.
        store: where rows are.
        trained: the versions that were trained on.
        used: what the runs were given.
        configured: the data sets of the role `eval`.
    """
    unchecked: list[str] = []
    sets = _evaluations(reader, used, configured, unchecked)
    rows = _Opened(reader, store, unchecked)
    lines = [
        line
        for id_, ground in sets.items()
        for node in trained
        if node.id != id_ and not node.missing
        for line in rows.compared(reader.node(id_), node, ground)
    ]
    unchecked.append("near copies and paraphrases; runs of words only where contam[…] was measured")
    if not sets:
        unchecked.insert(
            0, "no evaluation set is recorded with a training, or named in dslineage.toml"
        )
    checked = f"{counted(len(lines), 'pair')} of an evaluation set and a version, by their digests"
    return Section(tuple(lines), (checked,), tuple(dict.fromkeys(unchecked)))


def _evaluations(
    reader: Reader, used: Iterable[Use], configured: Sequence[str], unchecked: list[str]
) -> Mapping[str, tuple[Ground, bool]]:
    found: dict[str, tuple[Ground, bool]] = {}
    for use in used:
        if use.role == "eval":
            for node in use.versions:
                found.setdefault(node.id, (use.ground, False))
            if not use.versions:
                named = use.uri or (use.content_hash or "")[:15] or "without a name"
                unchecked.append(f"evaluation data {named}: it is no recorded version")
    for name in configured:
        newest = reader.graph.named("dataset", name)[-1:]
        for node in newest:
            found.setdefault(node.id, (Ground(Evidence.RECORDED), True))
        if not newest:
            unchecked.append(f"{name}: dslineage.toml names it, and it has no version")
    return found


@dataclass
class _Opened:
    """The rows of versions, each read once; of what cannot be read, `unchecked` says so."""

    reader: Reader
    store: Store
    unchecked: list[str]

    def __post_init__(self) -> None:
        self._rows: dict[str, _Rows | None] = {}

    def compared(
        self, evaluation: Node, training: Node, known: tuple[Ground, bool]
    ) -> Iterator[OverlapLine]:
        one, other = self._of(evaluation), self._of(training)
        if one is None or other is None:
            return
        ground, configured = known
        examples, conversations = other.known
        shared = [digest for digest in _each(one.examples) if digest in examples]
        said: int | None = None
        if one.adapter == other.adapter:
            said = sum(digest in conversations for digest in _each(one.conversations))
        else:
            self.unchecked.append(
                f"conversations of {evaluation.ref} and {training.ref}: other adapters read them"
            )
        named = sorted({digest.hex() for digest in shared})[:_NAMED]
        yield OverlapLine(
            evaluation, len(one.examples), training, len(shared), said, tuple(named), configured,
            ground,
        )  # fmt: skip

    def _of(self, node: Node) -> _Rows | None:
        if node.id not in self._rows:
            self._rows[node.id] = self._read(node)
        return self._rows[node.id]

    def _read(self, node: Node) -> _Rows | None:
        record = self.reader.record(node.id, DatasetRecord)
        if record is None:
            self.unchecked.append(f"{node.ref}: its record is not here")
            return None
        try:
            snapshot = open_version(self.store, record)
            rows = snapshot.rows()
            return _Rows(record.adapter, snapshot.digests(rows), snapshot.conversations(rows))
        except DslineageError as error:
            self.unchecked.append(f"{node.ref}: {error.message}")
            return None


def _each(digests: NDArray[np.uint8]) -> Iterator[bytes]:
    data = digests.tobytes()
    return (data[at : at + 32] for at in range(0, len(data), 32))
