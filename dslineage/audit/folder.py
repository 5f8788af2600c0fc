"""A model in a folder: which recorded one it is, and whether its files are those of a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dslineage.audit.audited import Recognised
from dslineage.errors import NotFoundError
from dslineage.lineage.node import Node
from dslineage.records import ModelRecord, files_hash
from dslineage.weights.hashing import ModelFiles, hash_model

if TYPE_CHECKING:
    from dslineage.audit.reading import Reader

_TENSORS = ".safetensors"


class HashedFolder(NamedTuple):
    """A folder, as it was named, with the hashes of the model in it."""

    path: str
    name: str
    found: ModelFiles

    @classmethod
    def of(cls, here: Path, path: str) -> HashedFolder:
        """Hash the model in a folder.

        Raises:
            NotFoundError: there is no such folder, or no model in it.
            BadDataError: a file of the model is damaged.
        """
        folder = here / path
        return cls(path, folder.resolve().name, hash_model(folder))

    def differences(self, record: ModelRecord) -> Iterator[tuple[str, str]]:
        """Each file that is not what a model's record says, with what is wrong with it.

        Files that hold tensors are compared by these, if the record has their hash: a model that
        was saved again has other bytes, and is the same.
        """
        there = {file.path: file for file in self.found.files}
        same = record.weights_hash is not None and self.found.weights_hash == record.weights_hash
        for file in record.files:
            if same and file.path.endswith(_TENSORS):
                continue
            now = there.get(file.path)
            if now is None:
                yield file.path, "it is not there"
            elif now.sha256 != file.sha256:
                was, is_ = file.sha256.short, now.sha256.short
                yield file.path, f"its SHA-256 is {is_}…, and {was}… was recorded"
        if not same and record.weights_hash is not None and self.found.weights_hash is not None:
            known = {file.path for file in record.files}
            for path in sorted(there.keys() - known):
                if path.endswith(_TENSORS):
                    yield path, "it holds tensors, and is no file of the model"


def recognised(
    reader: Reader, folder: HashedFolder, models: Iterable[Node]
) -> tuple[Node, Recognised]:
    """The recorded model in a folder: the one with these files, else one with these tensors.

    Of several, the one that is labelled like the folder, then one that a run made, then the oldest.

    Raises:
        NotFoundError: none has either; what was hashed is said, and which files are known.
    """
    files, weights = files_hash(folder.found.files), folder.found.weights_hash
    records = [(node, record) for node in models if (record := reader.record(node.id, ModelRecord))]
    same = [one for one in records if one[1].files_hash == files]
    by_files = bool(same)
    if not same and weights is not None:
        same = [one for one in records if one[1].weights_hash == weights]
    if not same:
        raise _unknown(folder, str(files), str(weights) if weights else "", records)
    same.sort(
        key=lambda one: (
            one[0].label != folder.name, one[1].generated_by is None, one[1].created_at, one[0].id,
        )
    )  # fmt: skip
    (node, record), *others = same
    return node, Recognised(
        folder.path,
        "files" if by_files else "weights",
        tuple(other.ref for other, _ in others),
        () if by_files else tuple(path for path, _ in folder.differences(record)),
    )


def _unknown(
    folder: HashedFolder, files: str, weights: str, records: Sequence[tuple[Node, ModelRecord]]
) -> NotFoundError:
    """What was hashed; and the models of which some files are here, with those that are others."""
    tensors = f"their tensors {weights}" if weights else "their tensors could not be read"
    said = (
        f"{folder.path} is no recorded model: {len(folder.found.files)} files were hashed "
        f"({files}), {tensors}"
    )
    there = {(file.path, file.sha256) for file in folder.found.files}
    known = [
        (len([file for file in record.files if (file.path, file.sha256) in there]), node, record)
        for node, record in records
    ]
    near = [one for one in known if one[0] and one[1].label == folder.name]
    for shared, node, record in near[:1]:
        other = [path for path, _ in folder.differences(record)]
        said += (
            f"; {shared} of {len(record.files)} files are those of {node.ref}, and "
            f"{', '.join(other)} {'is' if len(other) == 1 else 'are'} not"
        )
    return NotFoundError(
        said,
        kind="unknown-model",
        hint=f"dslineage model add {folder.path} --trained-on REF, or dslineage run import PATH",
    )
