"""What to do next about a folder, as commands that can be pasted."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath, PurePosixPath

from dslineage.records import name_like
from dslineage.scanning.folder import data_stem
from dslineage.scanning.result import NextStep, ScannedFile, VersionGroup


def next_steps(
    directory: str,
    files: Sequence[ScannedFile],
    groups: Sequence[VersionGroup],
    *,
    in_repository: bool,
) -> Iterator[NextStep]:
    """The commands, in the order in which they can be run.

    Args:
        directory: the folder as the user named it.
        files: what is in it.
        groups: which files look like versions of one another.
        in_repository: whether git knows the folder already; then commands are run from where
            the user is, else in the folder itself.
    """
    by_path = {file.path: file for file in files}
    grouped = {path for group in groups for path in group.paths}
    single = [file for file in files if file.examples and not file.recorded]
    single = [file for file in single if file.path not in grouped]
    prefix = directory if in_repository else "."
    if not in_repository and (groups or single) and PurePath(directory) != PurePath():
        yield NextStep(f"cd {shlex.quote(directory)}", "the commands below are meant to run there")
    for group in groups:
        before, after = (_quoted(prefix, path) for path in group.paths[-2:])
        yield NextStep(f"dslineage diff {before} {after}", "what changed; it needs no setup")
    if not in_repository and (groups or single):
        yield NextStep("dslineage init", "git keeps the records of versions")
    for group in groups:
        members = [by_path[path] for path in group.paths]
        if not any(file.recorded or len(file.files) > 1 for file in members):
            yield _adopting(prefix, group)
    stems = Counter(_stem(file) for file in single)
    for file in single:
        yield _adding(prefix, file, unique=stems[_stem(file)] == 1)


def _adopting(prefix: str, group: VersionGroup) -> NextStep:
    """The command that makes versions of files, of which none is written over."""
    paths = " ".join(_quoted(prefix, path) for path in group.paths)
    return NextStep(
        f"dslineage adopt {paths} --as {name_like(group.name)}",
        f"the {len(group.paths)} files as versions of one data set, {group.name}",
    )


def _adding(prefix: str, file: ScannedFile, *, unique: bool) -> NextStep:
    paths = " ".join(_quoted(prefix, name) for name in file.files)
    name = "" if unique and len(file.files) == 1 else f" --name {shlex.quote(_long_name(file))}"
    if not file.bad:
        return NextStep(f"dslineage add {paths}{name}", f"{file.examples:,} examples")
    why = f"{file.examples:,} examples, its bad records put aside"
    return NextStep(f"dslineage add {paths}{name} --quarantine", why)


def _stem(file: ScannedFile) -> str:
    return data_stem(PurePosixPath(file.path).name)


def _long_name(file: ScannedFile) -> str:
    """A name that the folder tells from others of the same name."""
    stem = _stem(file).split("-*")[0]
    parent = PurePosixPath(file.path).parent.name
    return f"{parent}-{stem}" if parent else stem


def _quoted(prefix: str, path: str) -> str:
    whole = str(PurePath(prefix) / path)
    return shlex.quote(f"./{whole}" if whole.startswith("-") else whole)
