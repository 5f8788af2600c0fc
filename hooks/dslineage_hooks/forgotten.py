"""Forgotten examples on their way back into git: in versions that pointers name, and in files."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterator, Sequence
from functools import reduce
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from dslineage.errors import BadDataError, DslineageError, IntegrityError
from dslineage.records.denylists import denial
from dslineage.records.forgotten import FORGOTTEN, DenyList, Forgotten
from dslineage.versions.catalog import PointerFile
from dslineage.versions.denied import listed_elsewhere, with_keys
from dslineage.versions.filenames import is_data
from dslineage.versions.tree import Changed, Tree, blobs
from dslineage_hooks.agreement import add_command, record_of
from dslineage_hooks.finding import Finding

if TYPE_CHECKING:
    from dslineage.store.store import Store

UNKNOWN = "forgotten-unknown"
"""The kind of a note that says that nobody could look."""


def check_forgotten(tree: Tree, changes: Sequence[Changed], base: str = "") -> Iterator[Finding]:
    """The forgotten examples that changes bring back, and entries that the deny list lost.

    Args:
        tree: what the changes made.
        changes: how it differs from what was before.
        base: a commit whose deny list holds, too, as that of a branch that this one is to go into.
    """
    touched = {change.path: change for change in changes}
    if FORGOTTEN in touched:
        yield from _shortened(tree, touched[FORGOTTEN])
    pointers = [file for file in tree.whole_pointers() if file.path in touched]
    yield from _judged(tree, (base, tree.commit), pointers, list(_loose(tree, changes)))


def forgotten_files(
    tree: Tree, changes: Sequence[Changed], base: str, tip: str
) -> Iterator[Finding]:
    """The forgotten examples in files that changes bring on the way to a tip, data sets aside."""
    yield from _judged(tree, (base, tip), [], list(_loose(tree, changes)))


def _loose(tree: Tree, changes: Sequence[Changed]) -> Iterator[Changed]:
    """New states of files that are named as data, and belong to no data set."""
    owned = {path for file in tree.whole_pointers() for path in file.data_paths()}
    return (one for one in changes if one.after and is_data(one.path) and one.path not in owned)


def _judged(
    tree: Tree, ends: tuple[str, str], pointers: Sequence[PointerFile], files: Sequence[Changed]
) -> Iterator[Finding]:
    if not (pointers or files):
        return
    base, tip = ends
    from dslineage.store.store import Store

    store = Store(tree.git.common_dir / "dslineage")
    try:
        own = with_keys(_list_of(tree, base), store)
        denied, unread = denial(own, listed_elsewhere(tree.git, tip or None), store.key)
    except IntegrityError as error:
        yield Finding.of(error, FORGOTTEN)
        return
    for why in unread:
        yield Finding(UNKNOWN, FORGOTTEN, why, "dslineage fetch", blocks=False)
    if denied is None:
        return
    for file in pointers:
        yield from _in_version(tree, store, denied, file)
    for change in files:
        yield from _in_file(tree, store, denied, change)


def _list_of(tree: Tree, base: str) -> Forgotten:
    """The deny list of a state of the repository, with that of the commit that it is to go into."""
    trees = [tree, *([Tree(tree.git, base)] if base else [])]
    ids = list(dict.fromkeys(one.blobs[FORGOTTEN] for one in trees if FORGOTTEN in one.blobs))
    return reduce(Forgotten.joined, map(Forgotten.from_bytes, blobs(tree.git, ids)), Forgotten({}))


def _shortened(tree: Tree, change: Changed) -> Iterator[Finding]:
    """Whether a change lets examples back in."""
    if not change.before:
        return
    back = f"git checkout HEAD -- {shlex.quote(FORGOTTEN)}"
    try:
        before, after = (
            Forgotten.from_bytes(next(blobs(tree.git, [blob]))) if blob else Forgotten({})
            for blob in (change.before, change.after)
        )
    except IntegrityError as error:
        yield Finding.of(error, FORGOTTEN)
        return
    lost = len(before.without(after))
    if lost:
        said = f"{FORGOTTEN} has {lost:,} hashes less: what was forgotten could come back"
        yield Finding("forgotten-dropped", FORGOTTEN, said, back)


def _in_version(tree: Tree, store: Store, denied: DenyList, file: PointerFile) -> Iterator[Finding]:
    from dslineage.versions.opening import open_version
    from dslineage.versions.returning import returned

    title = f"{file.pointer.dataset} {file.pointer.version}"
    try:
        record = record_of(tree, file.pointer)
    except IntegrityError:
        return  # it is a finding already
    try:
        found = sum(map(len, returned(open_version(store, record), denied)))
    except DslineageError as error:
        said = f"whether {title} has forgotten examples is not known: {error.message}"
        yield Finding(UNKNOWN, file.path, said, "dslineage fetch", blocks=False)
        return
    if found:
        said = f"{title} has {_forgotten(found)}"
        hint = f"take them out of the data, then: {add_command(file)}"
        yield Finding("forgotten", file.path, said, hint)


def _in_file(tree: Tree, store: Store, denied: DenyList, change: Changed) -> Iterator[Finding]:
    """Whether a file that is named as data, and belongs to no data set, has them."""
    from dslineage.store.staging import scratch
    from dslineage.versions.ingest import ingest
    from dslineage.versions.options import ReadOptions

    name = PurePosixPath(change.path).name
    with tempfile.TemporaryDirectory(prefix="dslineage-") as folder:
        with (Path(folder) / name).open("wb") as target:
            for piece in tree.git.pieces(change.after):
                target.write(piece)
        options = ReadOptions(quarantine=True, store="index")
        try:
            with scratch(Path(folder) / "objects", beneath=store) as scratched:
                ingest(scratched, Path(folder), [name], options, denied=denied)
        except BadDataError as error:
            if error.kind == "forgotten":
                lines = ", ".join(str(fault.line) for fault in error.faults[:5])
                said = f"{change.path} has {_forgotten(len(error.faults))}"
                hint = "take them out of the file, or the file out of the commit"
                yield Finding("forgotten", change.path, f"{said}: line {lines}", hint)
        except DslineageError:
            return  # it is named as data, and is none


def _forgotten(count: int) -> str:
    return "an example that was forgotten" if count == 1 else f"{count:,} forgotten examples"
