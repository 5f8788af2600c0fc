"""The configuration of Axolotl; the settings are those of its reference of configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dslineage.records import Gap
from dslineage.records.run import Role
from dslineage.trainers.configured import (
    Configured,
    NamedData,
    files_of,
    hub_uri,
    is_local,
    missing,
    number,
    said,
    text,
    texts,
    unpinned,
    whole,
)
from dslineage.trainers.documents import without_secrets

TRAINER = "Axolotl"
_OUTPUT = "./model-out"
_LISTS: tuple[tuple[Role, str], ...] = (
    ("train", "datasets"), ("train", "pretraining_dataset"), ("eval", "test_datasets"),
)  # fmt: skip
_DOUBTS = {
    "sequence_len": "rows are cut or dropped at so many tokens",
    "sample_packing": "rows are packed",
    "pretraining_sample_concatenation": "rows are joined",
    "val_set_size": "a part of the rows is held out",
    "dataset_exact_deduplication": "equal rows are dropped",
    "max_steps": "the number of steps is limited",
    "streaming": "rows are read as a stream",
}


def configured(values: Mapping[str, Any], folder: Path) -> Configured:
    """What a configuration says.

    Args:
        values: its settings, with those of the command line over them.
        folder: where the trainer runs.
    """
    entries = [(role, entry) for role, name in _LISTS for entry in _entries(values.get(name))]
    found = [_named(role, entry, folder) for role, entry in entries]
    shards = [entry for _, entry in entries if "shards" in entry]
    doubts = ["only some shards of a data set are read (shards)"] if shards else []
    return Configured(
        trainer=TRAINER,
        parameters=without_secrets(values),
        data=tuple(data for data, _ in found),
        output=text(values, "output_dir") or _OUTPUT,
        base=text(values, "base_model"),
        revision=text(values, "revision_of_model"),
        resumes=text(values, "resume_from_checkpoint"),
        resumes_last=bool(values.get("auto_resume_from_checkpoints")),
        seed=whole(values, "seed"),
        epochs=number(values, "num_epochs"),
        doubts=(*said(values, _DOUBTS), *doubts),
        gaps=(*(gap for _, gaps in found for gap in gaps), *_prepared(values, folder)),
    )


def _entries(found: Any) -> list[Mapping[str, Any]]:
    """The data sets of a setting, which may be one, or only its path."""
    listed = found if isinstance(found, list) else [found]
    entries = [{"path": one} if isinstance(one, str) else one for one in listed]
    return [entry for entry in entries if isinstance(entry, Mapping)]


def _named(role: Role, entry: Mapping[str, Any], folder: Path) -> tuple[NamedData, tuple[Gap, ...]]:
    """A data set; as Axolotl does, a path that is there is taken for that."""
    path, split = text(entry, "path") or "", text(entry, "split")
    inner = texts(entry.get("data_files"))
    there = files_of(folder, [path]) if path else ()
    if there:
        paths = files_of(there[0], inner) if inner and there[0].is_dir() else there
        lost = () if paths else (missing(", ".join(inner)),)
        return NamedData(role, path, paths, split), lost
    beside = files_of(folder, inner)
    if beside:
        return NamedData(role, ", ".join(inner), beside, split), ()
    if is_local(path) or not path:
        named = path or ", ".join(inner) or "a data set without a path"
        return NamedData(role, named, (), split), (missing(named),)
    revision = text(entry, "revision")
    gaps = unpinned(path, revision)
    return NamedData(role, path if "://" in path else hub_uri(path, revision), (), split), gaps


def _prepared(values: Mapping[str, Any], folder: Path) -> Iterator[Gap]:
    """Axolotl finds prepared data again by its configuration, not by its content."""
    place = text(values, "dataset_prepared_path")
    there = files_of(folder, [place]) if place else ()
    if there and there[0].is_dir() and any(there[0].iterdir()):
        why = f"{place} has data that was prepared before, and is taken for that of a configuration"
        yield Gap("preparation", f"{why}: it may be older than the files")
