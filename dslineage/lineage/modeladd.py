"""Models that somebody has, recorded with what they declare of them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.errors import NotFoundError, UsageError
from dslineage.lineage.node import node_of
from dslineage.lineage.registry import Registry
from dslineage.records import (
    Base,
    DatasetRecord,
    Evidence,
    Gap,
    MixtureRecord,
    ModelRecord,
    Record,
    RunInput,
    RunRecord,
    checked_name,
    is_name,
    name_like,
)
from dslineage.records.model import Form
from dslineage.weights.hashing import ModelFiles, hash_model, weights_hash

if TYPE_CHECKING:
    from dslineage.store.store import Store
    from dslineage.versions.recording import Stamp

_STATE = "trainer_state.json"
_CHECKPOINT = re.compile(r"checkpoint-[0-9]+")


@dataclass(frozen=True, slots=True)
class Declared:
    """What somebody says of a model; whatever is None is told from the folder.

    `trained_on` are references to versions or mixtures, `run` one to a run, `base` a reference to
    a model, a folder, or where the base model was fetched from.
    """

    name: str | None = None
    label: str | None = None
    form: Form | None = None
    trained_on: tuple[str, ...] = ()
    run: str | None = None
    base: str | None = None
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class ModelAdded:
    """A model that was recorded; `new` is false where all of it was known.

    `trained_on` are the titles of the data that was declared.
    """

    record: ModelRecord
    new: bool
    notices: tuple[str, ...]
    trained_on: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The model as a JSON object."""
        return {
            "schema": "dslineage.model-added/1",
            "model": node_of(self.record).ref,
            "new": self.new,
            "record": self.record.to_dict(),
            "notices": list(self.notices),
        }


def add_model(
    registry: Registry, store: Store, folder: Path, declared: Declared, stamp: Stamp, here: Path
) -> ModelAdded:
    """Hash the model in a folder, record it and stage the record in git.

    A model whose tensors are those of a recorded one is linked to that one. A checkpoint whose
    `trainer_state.json` names a recorded run is linked to the run.

    Raises:
        NotFoundError: there is no model in the folder, or a reference is unknown.
        UsageError: a reference names something else than is asked for.
        BadDataError: a file of the model is damaged.
    """
    found = hash_model(folder)
    models = list(registry.every(ModelRecord))
    twin = _twin(models, found)
    if twin is not None and twin.files == found.files and declared == Declared():
        return ModelAdded(twin, new=False, notices=(f"it is {node_of(twin).title}",))
    run, notices = _run(registry, folder, declared, twin, here)
    name = declared.name or (run.name if run else _name(folder))
    label = declared.label or _label(folder)
    if not is_name(label):
        raise UsageError(f"{label!r} cannot label a model", hint=f"--label {name_like(label)}")
    bases = [_base(registry, declared.base, here)] if declared.base else []
    if twin is not None:
        notices.append(f"its tensors are those of {node_of(twin).title}")
        bases.append(Base(node_of(twin).ref, subject=twin.id, weights_hash=twin.weights_hash))
    data = [registry.find(text, here=here) for text in declared.trained_on]
    trained = tuple(map(_trained_on, data))
    record = ModelRecord(
        name=checked_name(name),
        label=label,
        form=declared.form or _form(found),
        files=found.files,
        evidence=Evidence.DECLARED if declared.run or declared.base else Evidence.RECORDED,
        author=stamp.author,
        created_at=stamp.created_at,
        tool=stamp.tool,
        weights_hash=found.weights_hash,
        generated_by=run.id if run else None,
        derived_from=tuple(bases),
        trained_on=trained,
        uri=declared.uri,
        message=stamp.message,
        gaps=(*found.gaps, *_unknown(run, trained, bases)),
    )
    known = next((one for one in models if _says_the_same(one, record)), None)
    if known is None:
        registry.keep([record], store)
    titles = tuple(node_of(one).title for one in data)
    return ModelAdded(known or record, known is None, tuple(notices), titles)


def _twin(models: Sequence[ModelRecord], found: ModelFiles) -> ModelRecord | None:
    """The model with the same tensors; of several, one that a run made, and the oldest."""
    same = [one for one in models if found.weights_hash and one.weights_hash == found.weights_hash]
    return min(same, key=lambda one: (one.generated_by is None, one.created_at), default=None)


def _run(
    registry: Registry, folder: Path, declared: Declared, twin: ModelRecord | None, here: Path
) -> tuple[RunRecord | None, list[str]]:
    """The run that made the model: as declared, else as its own trainer state says."""
    if declared.run:
        found = registry.find(declared.run, here=here)
        if not isinstance(found, RunRecord):
            raise UsageError(f"{declared.run} is {node_of(found).title}, no run", kind="no-run")
        return found, []
    start = _start_in(folder / _STATE)
    if not start or twin is not None:
        return None, []
    for run in registry.every(RunRecord):
        if str(run.started_with) == start:
            return run, [f"its {_STATE} names {node_of(run).title}"]
    return None, [f"its {_STATE} names a run that is not recorded ({start[:15]}…)"]


def _start_in(path: Path) -> str:
    """The hash of the start of the run that a `trainer_state.json` carries, or an empty text."""
    try:
        states = json.loads(path.read_bytes())["stateful_callbacks"].values()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
    for told in states:
        for one in told if isinstance(told, list) else [told]:
            inner = one.get("attributes") if isinstance(one, dict) else None
            lineage = inner.get("lineage") if isinstance(inner, dict) else None
            if isinstance(lineage, dict) and isinstance(lineage.get("start_hash"), str):
                return str(lineage["start_hash"])
    return ""


def _trained_on(found: Record) -> RunInput:
    if isinstance(found, MixtureRecord):
        return RunInput("train", Evidence.DECLARED, subject=found.id)
    if not isinstance(found, DatasetRecord):
        raise UsageError(
            f"a model is trained on versions and mixtures, and not on {node_of(found).title}",
            kind="no-data",
        )
    return RunInput(
        "train",
        Evidence.DECLARED,
        subject=found.id,
        content_hash=found.content_hash,
        training_hash=found.training_hash,
        adapter=found.adapter,
        examples=found.examples,
    )


def _base(registry: Registry, text: str, here: Path) -> Base:
    """A base model: a recorded one, one in a folder, or one elsewhere."""
    folder = here / text
    if folder.is_dir():
        return Base(uri=text, weights_hash=weights_hash(sorted(folder.glob("*.safetensors"))))
    try:
        found = registry.find(text, here=here)
    except (NotFoundError, UsageError) as error:
        if error.kind == "ambiguous-reference":
            raise
        return Base(uri=text)
    if not isinstance(found, ModelRecord):
        raise UsageError(f"{text} is {node_of(found).title}, no model", kind="no-model")
    return Base(uri=node_of(found).ref, subject=found.id, weights_hash=found.weights_hash)


def _name(folder: Path) -> str:
    """By default a model is called after its folder, a checkpoint after the folder it is in."""
    whole = folder.resolve()
    return name_like((whole.parent if _CHECKPOINT.fullmatch(whole.name) else whole).name)


def _label(folder: Path) -> str:
    name = folder.resolve().name
    return name if _CHECKPOINT.fullmatch(name) else "final"


def _form(found: ModelFiles) -> Form:
    names = {file.path.rpartition("/")[2] for file in found.files}
    return "adapter" if "adapter_config.json" in names else "checkpoint"


def _unknown(
    run: RunRecord | None, trained: Sequence[RunInput], bases: Sequence[Base]
) -> tuple[Gap, ...]:
    if run is not None or trained or any(base.subject for base in bases):
        return ()
    return (Gap("unknown-data", "on which data it was trained is not recorded"),)


def _says_the_same(one: ModelRecord, other: ModelRecord) -> bool:
    """Whether two records differ in nothing but who made them and when."""
    left, right = one.to_dict(), other.to_dict()
    return all(
        left.get(name) == right.get(name)
        for name in {*left, *right} - {"id", "author", "created_at", "tool"}
    )
