"""The two hashes of a model: of its files, and of its tensors wherever they are kept."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import BadDataError, NotFoundError, ResourceError
from dslineage.ids import Digest
from dslineage.records import Gap, NamedFile
from dslineage.weights.membership import model_files
from dslineage.weights.safetensors import Place, read_header

_READ_BYTES = 4 << 20
_PICKLED = (".bin", ".pt", ".pth", ".ckpt")
_OTHER_WEIGHTS = (*_PICKLED, ".distcp", ".gguf", ".onnx", ".h5", ".msgpack", ".npz")


class ModelFiles(NamedTuple):
    """The files of a model, the hash of its tensors if they could be read, and what could not."""

    files: tuple[NamedFile, ...]
    weights_hash: Digest | None
    gaps: tuple[Gap, ...]


def hash_model(folder: Path) -> ModelFiles:
    """Hash the files of a folder that belong to a model, and the tensors in them.

    Raises:
        NotFoundError: there is no such folder, or no file of a model in it.
        BadDataError: a safetensors file is damaged.
    """
    if not folder.is_dir():
        raise NotFoundError(f"there is no folder {folder}", kind="no-file")
    names = model_files(folder)
    if not any(name.endswith((".safetensors", *_OTHER_WEIGHTS)) for name in names):
        raise NotFoundError(f"no file in {folder} holds the weights of a model", kind="no-model")
    return hash_files(folder, names)


def hash_files(folder: Path, names: Sequence[str]) -> ModelFiles:
    """Hash some files of a model, named by relative paths with slashes.

    Tensors are read from safetensors files only. Whatever else holds weights is hashed as a file,
    never unpickled, and where no tensor was read there is no hash of the tensors.

    Raises:
        BadDataError: a safetensors file is damaged.
        ResourceError: a file cannot be read.
    """
    tensors = [folder / name for name in names if name.endswith(".safetensors")]
    with _refusals(folder), ThreadPoolExecutor() as pool:
        files = pool.map(lambda name: _named(folder, name), sorted(names))
        weights = _weights_hash(tensors, pool)
        return ModelFiles(tuple(files), weights, tuple(_gaps(names, weights)))


def weights_hash(paths: Sequence[Path]) -> Digest | None:
    """The hash of all tensors in some safetensors files; None where there are none.

    It depends on nothing but the name, type, shape and bytes of each tensor.

    Raises:
        BadDataError: a file is damaged, or two of them have different tensors under one name.
        ResourceError: a file cannot be read.
    """
    with _refusals(Path()), ThreadPoolExecutor() as pool:
        return _weights_hash(paths, pool)


@contextmanager
def _refusals(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ResourceError(
            f"{error.filename or folder} cannot be read: {reason}", kind="unread-file"
        ) from error


def _weights_hash(paths: Sequence[Path], pool: ThreadPoolExecutor) -> Digest | None:
    tensors: dict[str, dict[str, Any]] = {}
    for path in sorted(paths):
        header = read_header(path)
        digests = pool.map(_hash_span, header.tensors.values())
        found: dict[str, dict[str, Any]] = {
            name: {"dtype": place.dtype, "shape": place.shape, "sha256": digest.hex}
            for (name, place), digest in zip(header.tensors.items(), digests, strict=True)
        }
        found |= {name: found[of] for name, of in header.aliases.items()}
        for name, tensor in found.items():
            if tensors.setdefault(name, tensor) != tensor:
                raise BadDataError(
                    f"{path} has another tensor {name!r:.100} than a file beside it",
                    kind="bad-safetensors",
                )
    return Digest.of(canonical_bytes(tensors)) if tensors else None


def _named(folder: Path, name: str) -> NamedFile:
    path = folder / name
    size = path.stat().st_size
    return NamedFile(name, size, _hash_span(Place(path, "", (), 0, size)))


def _hash_span(place: Place) -> Digest:
    """SHA-256 of the bytes of a file from `start` to `stop`."""
    hasher = hashlib.sha256()
    with place.path.open("rb") as file:
        at = place.start
        while at < place.stop:
            data = os.pread(file.fileno(), min(_READ_BYTES, place.stop - at), at)
            if not data:
                raise BadDataError(f"{place.path} became shorter while it was read", kind="changed")
            hasher.update(data)
            at += len(data)
    return Digest(hasher.digest())


def _gaps(names: Sequence[str], weights: Digest | None) -> Iterator[Gap]:
    unread = sorted(name for name in names if name.endswith(_OTHER_WEIGHTS))
    if unread:
        least = "" if weights else ", so the model is not recognised when it is saved again"
        yield Gap(
            "unread-files",
            f"the tensors in {', '.join(unread[:5])}{' and others' if len(unread) > 5 else ''} "
            f"were not read, only the files were hashed{least}",
        )
