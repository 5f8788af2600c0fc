"""Keeping `.dvc` files right: after a version is recorded, DVC takes the same data.

DVC is run as a program, which is its stable face. It works on data that is safe already, and copies
it to its cache without touching the file itself: it does not relink it.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from dslineage.dvcfiles.beside import DvcPointer, agrees, dvc_pointers, stage_outputs
from dslineage.dvcfiles.verdicts import Verdicts
from dslineage.errors import IntegrityError
from dslineage.lineage.dvcfile import SUFFIX
from dslineage.records import Pointer
from dslineage.store.files import write_file
from dslineage.versions.catalog import PointerFile

if TYPE_CHECKING:
    from dslineage.versions.git import Git


def follow(git: Git, file: PointerFile) -> tuple[str, ...]:
    """Bring the `.dvc` files of a data set to the version that its pointer names, and stage them.

    Returns:
        what was done, what DVC refused, and what people have to decide, as sentences.
    """
    verdicts = Verdicts.load(git)
    beside = dvc_pointers(git.root, file)
    said = [sentence for one in beside for sentence in _followed(git, file, one, verdicts)]
    said += _stages(git, file, verdicts)
    if beside:
        verdicts.save()
    return tuple(said)


def _followed(git: Git, file: PointerFile, one: DvcPointer, verdicts: Verdicts) -> Iterator[str]:
    """Bring one `.dvc` file to the version, or say why not.

    Where HEAD itself has two minds, somebody who has DVC alone committed other data, and a pointer
    that did not move is no reason to undo that.
    """
    if one.imported:
        if agrees(git.root, one, file, verdicts) is False:
            yield f"{one.path} is an import of DVC's, and is left as it is: {_own(one)}"
        return
    if agrees(git.root, one, file, verdicts) is not True:
        before = _split_head(git, file, one, verdicts)
        if before is not None and before.pointer.id == file.pointer.id:
            yield f"{one.path} names other data, and is left as it is: dslineage status"
            return
        title = f"{file.pointer.dataset} {file.pointer.version}"
        refused = _dvc_add(git, one)
        now = next((new for new in dvc_pointers(git.root, file) if new.path == one.path), one)
        if refused or agrees(git.root, now, file, verdicts) is not True:
            why = refused or "the data was changed meanwhile"
            again = shlex.quote(file.data_paths()[0])
            yield f"{one.path} does not name {title}: {why}; then: dslineage add {again}"
            return
        yield f"{one.path} names {title}, too"
        if before is not None:
            yield (
                f"before, {one.path} named other data than {before.pointer.version}, of which "
                f"{title} knows nothing: git show HEAD:{shlex.quote(one.path)}"
            )
    git.stage([one.path])


def _own(one: DvcPointer) -> str:
    """The commands that make an import data of one's own."""
    there = shlex.quote(one.path)
    return f"dvc remove {there}; dvc add {shlex.quote(one.path.removesuffix(SUFFIX))}"


def _split_head(
    git: Git, file: PointerFile, one: DvcPointer, verdicts: Verdicts
) -> PointerFile | None:
    """The pointer of HEAD, where the `.dvc` file of HEAD, too, is known to name other data."""
    pointer = git.read("HEAD", file.path)
    if pointer is None or git.read("HEAD", one.path) != (git.root / one.path).read_bytes():
        return None
    try:
        before = PointerFile(file.path, Pointer.from_bytes(pointer, file.path))
    except IntegrityError:
        return None
    return before if agrees(git.root, one, before, verdicts) is False else None


def _stages(git: Git, file: PointerFile, verdicts: Verdicts) -> Iterator[str]:
    """What is to be said of outputs of stages, which only DVC may change."""
    entries = dict(zip(file.data_paths(), file.pointer.files, strict=True))
    for output in stage_outputs(git.root, () if file.base else entries.keys()):
        path = output.named.path
        if verdicts.same(entries[path], output.named, git.root / path) is False:
            yield (
                f"{output.lock} has other data for {path}, which stage {output.stage} makes; "
                "dslineage does not change it: dvc repro, or dvc commit"
            )


def _dvc_add(git: Git, one: DvcPointer) -> str:
    """Have DVC take the data that is there; why it did not, or an empty text."""
    program = _program()
    if not program:
        return "DVC is not installed (pip install 'dslineage[dvc]')"
    ours = None
    if one.named is None and one.path in git.unmerged_names():
        ours = git.read(":2", one.path) or git.read(":3", one.path)
    if ours is not None:
        write_file(git.root / one.path, ours)
    done = subprocess.run(
        [*program, "add", "--no-relink", "--", f"./{PurePosixPath(one.path).name[: -len(SUFFIX)]}"],
        cwd=git.root / one.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env=os.environ | {"DVC_NO_ANALYTICS": "1"},
    )
    if done.returncode == 0:
        return ""
    lines = done.stderr.decode(errors="replace").split("\n")
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return f"DVC says {errors[0].rstrip('.')}" if errors else f"DVC ended with {done.returncode}"


def _program() -> list[str]:
    """How DVC is run: that of this installation, else the one on the path."""
    if importlib.util.find_spec("dvc") is not None:
        return [sys.executable, "-m", "dvc"]
    found = shutil.which("dvc")
    return [found] if found else []
