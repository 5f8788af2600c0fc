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
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from dslineage.dvcfiles.beside import DvcPointer, agrees, dvc_pointers, lost_by, stage_outputs
from dslineage.dvcfiles.verdicts import Verdicts
from dslineage.errors import IntegrityError
from dslineage.lineage.dvcfile import SUFFIX
from dslineage.records import Pointer
from dslineage.store.files import write_file
from dslineage.versions.catalog import PointerFile

if TYPE_CHECKING:
    from dslineage.versions.git import Git

_ABSENT = "DVC is not installed (pip install 'dslineage[dvc]')"


def follow(git: Git, file: PointerFile) -> tuple[str, ...]:
    """Bring the `.dvc` files of a data set to the version that its pointer names, and stage them.

    Returns:
        what was done, what DVC refused, and what people have to decide, as sentences.
    """
    verdicts = Verdicts.load(git)
    beside = dvc_pointers(git.root, file)
    said: list[str] = []
    behind: dict[DvcPointer, PointerFile | None] = {}
    for one in beside:
        same = agrees(git.root, one, file, verdicts)
        before = _in_head(git, file, one)
        if one.imported:
            said += [] if same is not False else [f"{one.path} is an import of DVC's, {_own(one)}"]
        elif same is True:
            continue
        elif before is None or before.pointer.id != file.pointer.id:
            behind[one] = before
        elif same is False:
            said.append(f"{one.path} names other data, and is left as it is: dslineage status")
    said += _followed(git, file, behind, verdicts)
    said += _stages(git, file, verdicts)
    own = [one for one in dvc_pointers(git.root, file) if not one.imported]
    if staged := [one.path for one in own if agrees(git.root, one, file, verdicts)]:
        git.stage(staged)
    if beside:
        verdicts.save()
    return tuple(said)


def _followed(
    git: Git, file: PointerFile, behind: Mapping[DvcPointer, PointerFile | None], verdicts: Verdicts
) -> Iterator[str]:
    """Have DVC take the data of a version, and say of each `.dvc` file what became of it."""
    title = f"{file.pointer.dataset} {file.pointer.version}"
    refused = {one.path: lost for one in behind if (lost := lost_by(git.root, one))}
    taken = [one for one in behind if one.path not in refused]
    strange = [one for one, before in behind.items()
               if before and agrees(git.root, one, before, verdicts) is False]  # fmt: skip
    refused |= _dvc_add(git, taken)
    now = {one.path: one for one in dvc_pointers(git.root, file)}
    for one in behind:
        if not agrees(git.root, now.get(one.path, one), file, verdicts):
            why = refused.get(one.path, "the data was changed meanwhile")
            again = shlex.quote(file.data_paths()[0])
            yield f"{one.path} does not name {title}: {why}; then: dslineage add {again}"
            continue
        yield f"{one.path} names {title}, too"
        if one in strange:
            yield (
                f"before, {one.path} named other data than the version in HEAD, of which {title} "
                f"knows nothing: git show HEAD:{shlex.quote(one.path)}"
            )


def _own(one: DvcPointer) -> str:
    """What becomes of an import, and the commands that make it data of one's own."""
    there, data = shlex.quote(one.path), shlex.quote(one.path.removesuffix(SUFFIX))
    return f"and is left as it is: dvc remove {there}; dvc add {data}"


def _in_head(git: Git, file: PointerFile, one: DvcPointer) -> PointerFile | None:
    """The pointer of HEAD, where the `.dvc` file is the one of HEAD, too.

    Where that pointer is the current one, nothing moved. If they name other data, somebody who has
    DVC alone committed that, and it is not for us to undo.
    """
    pointer = git.read("HEAD", file.path)
    if pointer is None or git.read("HEAD", one.path) != (git.root / one.path).read_bytes():
        return None
    try:
        return PointerFile(file.path, Pointer.from_bytes(pointer, file.path))
    except IntegrityError:
        return None


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


def _dvc_add(git: Git, behind: Sequence[DvcPointer]) -> dict[str, str]:
    """Have DVC take the data that is there; why it did not, by the paths of `.dvc` files."""
    program = _program()
    if not program:
        return dict.fromkeys((one.path for one in behind), _ABSENT)
    unmerged = set(git.unmerged_names()) if any(one.named is None for one in behind) else set()
    for one in behind:
        ours = None
        if one.named is None and one.path in unmerged:
            ours = git.read(":2", one.path) or git.read(":3", one.path)
        if ours is not None:
            write_file(git.root / one.path, ours)
    refused: dict[str, str] = {}
    for folder, group in groupby(sorted(behind, key=_place), key=lambda one: one.folder):
        paths = [one.path for one in group]
        targets = [f"./{PurePosixPath(path).name[: -len(SUFFIX)]}" for path in paths]
        done = subprocess.run(
            [*program, "add", "--no-relink", "--", *targets],
            cwd=git.root / folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            env=os.environ | {"DVC_NO_ANALYTICS": "1"},
        )
        if done.returncode:
            refused |= dict.fromkeys(paths, _reason(done))
    return refused


def _place(one: DvcPointer) -> tuple[str, str]:
    return one.folder, one.path


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """Why DVC did not do as it was told, in its words."""
    lines = done.stderr.decode(errors="replace").split("\n")
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return f"DVC says {errors[0].rstrip('.')}" if errors else f"DVC ended with {done.returncode}"


def _program() -> list[str]:
    """How DVC is run: that of this installation, else the one on the path.

    `-P`: modules that lie where the data is are none of DVC's.
    """
    if importlib.util.find_spec("dvc") is not None:
        return [sys.executable, "-P", "-m", "dvc"]
    found = shutil.which("dvc")
    return [found] if found else []
