"""Stretches of a pack's text, kept in the cache where the text itself is not here.

A sparse text is a file like a text (`dslineage.store.seekable`) in which a frame that is not here
has a compressed size of 0, and the size of its text. It is no object: nothing that sends, counts,
packs anew or verifies objects looks where it is.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from dslineage.disk import make_folder
from dslineage.errors import IntegrityError
from dslineage.store.files import replacing, sweep
from dslineage.store.framed import missing
from dslineage.store.seekable import Frames, SeekableText, compress_frames, write_frames

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.ids import Digest


def sparse_path(root: Path, pack: Digest) -> Path:
    """Where the sparse text of a pack is, below the folder of objects."""
    return _folder(root) / f"{pack.hex}.zst"


@dataclass(frozen=True)
class SparseText(SeekableText):
    """An open sparse text."""

    @classmethod
    def found(cls, path: Path) -> Self | None:
        """What is in a file; None where there is none, or a damaged one."""
        try:
            text = cls.open(path)
            text.check()
        except (FileNotFoundError, IntegrityError):
            return None
        return text

    def is_current(self) -> bool:
        """Whether no other file has taken its place."""
        with suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(self.file), self.path.stat())
        return False

    @property
    def is_here(self) -> NDArray[np.bool_]:
        """Which frames are here."""
        here: NDArray[np.bool_] = np.diff(self.starts)[:-1] > 0
        return here

    def holds(self, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether what is at some places of the text is here; what is beyond its end is not."""
        here: NDArray[np.bool_] = np.append(self.is_here, False)
        return here.take(self.frames_of(places), mode="clip")

    def packed(self, number: int) -> bytes:
        """One frame as it is stored.

        Raises:
            IntegrityError: it is not here.
        """
        data = super().packed(number)
        if not data:
            raise missing(self.path.name, "only other stretches of it are here")
        return data


def keep_frames(path: Path, places: NDArray[np.int64], frames: Mapping[int, bytes]) -> None:
    """Have some frames of a text here, beside those that are.

    Where those are cut in other places, they go. Whoever reads meanwhile sees the old file or the
    new one.

    Args:
        path: the sparse text.
        places: where the texts of frames begin in the whole text, and where the last ends.
        frames: their texts, by their numbers.

    Raises:
        ResourceError: there is no room.
    """
    with _alone(path.parent):
        old = SparseText.found(path)
        if old is not None and not np.array_equal(old.places[:-1], places):
            old = None
        sweep(path)
        with replacing(path, durable=False) as handle:
            write_frames(handle, _frames(old, places, frames))


def _frames(
    old: SparseText | None, places: NDArray[np.int64], frames: Mapping[int, bytes]
) -> Iterator[Frames]:
    here = np.zeros(len(places) - 1, bool) if old is None else old.is_here
    for number, size in enumerate(np.diff(places).tolist()):
        if number in frames:
            yield compress_frames([frames[number]])
        elif old is not None and here[number]:
            data = old.packed(number)
            yield Frames(data, [(len(data), size)])
        else:
            yield Frames(b"", [(0, size)])


def sweep_sparse(root: Path) -> None:
    """Remove sparse texts of packs that are gone, or whose text is here whole.

    Args:
        root: the folder of objects.
    """
    folder = _folder(root)
    if not folder.is_dir():
        return
    with _alone(folder):
        for path in folder.iterdir():
            text = root / "packs" / path.name
            if text.exists() or not text.with_suffix(".rows").exists():
                path.unlink(missing_ok=True)


def _folder(root: Path) -> Path:
    return root / "cache" / "texts"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other writers away, by a lock of the kernel: what one adds, another must not drop."""
    make_folder(folder, durable=False)
    file = os.open(folder, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
