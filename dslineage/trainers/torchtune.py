"""The configuration of torchtune: a YAML file of components, as its documentation has it.

A builder such as `chat_dataset` gives `source` to `datasets.load_dataset`, with `data_files` where
the source is a kind of file.
"""

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
    missing,
    number,
    said,
    text,
    texts,
    unpinned,
    whole,
)
from dslineage.trainers.documents import interpolated, without_secrets

TRAINER = "torchtune"
_KINDS = {"json", "csv", "text", "parquet", "arrow"}
_LISTS: tuple[tuple[Role, str], ...] = (("train", "dataset"), ("eval", "dataset_val"))
_DOUBTS = {
    "max_steps_per_epoch": "the number of steps is limited",
    "max_seq_len": "rows are cut at so many tokens",
    "packed": "rows are packed",
}


def configured(values: Mapping[str, Any], folder: Path) -> Configured:
    """What a configuration says.

    Args:
        values: its settings, with those of the command line over them.
        folder: where the trainer runs.
    """
    settings = interpolated(values)
    entries = [(role, one) for role, name in _LISTS for one in _components(settings.get(name))]
    found = [_named(role, entry, folder) for role, entry in entries]
    checkpointer = _component(settings, "checkpointer")
    doubtful = [settings, _component(settings, "tokenizer"), *(entry for _, entry in entries)]
    doubts = (reason for one in doubtful for reason in said(one, _DOUBTS))
    return Configured(
        trainer=TRAINER,
        parameters=without_secrets(values),
        data=tuple(data for data, _ in found),
        output=text(settings, "output_dir") or text(checkpointer, "output_dir"),
        base=text(checkpointer, "checkpoint_dir"),
        seed=whole(settings, "seed"),
        epochs=number(settings, "epochs"),
        doubts=tuple(dict.fromkeys(doubts)),
        gaps=(*(gap for _, gaps in found for gap in gaps), *_resumed(settings)),
    )


def _component(settings: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = settings.get(name)
    return found if isinstance(found, Mapping) else {}


def _components(found: Any) -> list[Mapping[str, Any]]:
    listed = found if isinstance(found, list) else [found]
    return [one for one in listed if isinstance(one, Mapping)]


def _named(role: Role, entry: Mapping[str, Any], folder: Path) -> tuple[NamedData, tuple[Gap, ...]]:
    source, split = text(entry, "source"), text(entry, "split")
    files = texts(entry.get("data_files"))
    if files and (source is None or source in _KINDS):
        paths = files_of(folder, files)
        gaps = () if paths else (missing(", ".join(files)),)
        return NamedData(role, ", ".join(files), paths, split), gaps
    if source is None:
        builder = text(entry, "_component_") or "a data set without a name"
        why = f"{builder} fetches rows of its own, and the configuration does not say which"
        return NamedData(role, builder, (), split), (Gap("unknown-data", why),)
    there = files_of(folder, [source])
    if there:
        return NamedData(role, source, there, split), ()
    revision = text(entry, "revision")
    return NamedData(role, hub_uri(source, revision), (), split), unpinned(source, revision)


def _resumed(settings: Mapping[str, Any]) -> Iterator[Gap]:
    if settings.get("resume_from_checkpoint") is True:
        why = "it goes on from a checkpoint, and the configuration does not say of which run"
        yield Gap("unrecorded-run", why)
