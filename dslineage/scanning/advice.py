"""What to do next about a folder, as commands that can be pasted."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath, PurePosixPath

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
        if not any(by_path[path].recorded for path in group.paths):
            yield _recording(prefix, group, by_path)
    stems = Counter(_stem(file) for file in single)
    for file in single:
        yield _adding(prefix, file, unique=stems[_stem(file)] == 1)


def _recording(prefix: str, group: VersionGroup, by_path: Mapping[str, ScannedFile]) -> NextStep:
    """A loop that records files as versions of one, which none of them is written over by."""
    last = PurePosixPath(group.paths[-1])
    target = last.with_name(f"{group.name}{_suffix(last)}")
    if str(target) in by_path:
        target = last.with_name(f"{group.name}-versions{_suffix(last)}")
    kept = _quoted(prefix, str(target))
    paths = " ".join(_quoted(prefix, path) for path in group.paths)
    alike = len({_suffix(PurePosixPath(path)) for path in group.paths}) == 1
    copy = f'cp "$f" {kept}' if alike else f'dslineage export "$f" -o {kept} --force'
    aside = " --quarantine" if any(by_path[path].bad for path in group.paths) else ""
    return NextStep(
        f"for f in {paths}; do {copy} && dslineage add {kept}{aside} "
        '-m "$f" && dslineage commit -m "$f"; done',
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


def _suffix(path: PurePosixPath) -> str:
    """What stands behind the stem: `.jsonl.gz`."""
    return path.name.removeprefix(data_stem(path.name))


def _quoted(prefix: str, path: str) -> str:
    whole = str(PurePath(prefix) / path)
    return shlex.quote(f"./{whole}" if whole.startswith("-") else whole)
