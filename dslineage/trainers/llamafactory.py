"""The configuration of LLaMA-Factory, and the `dataset_info.json` that it refers to.

The settings are those of its `DataArguments` and of transformers' `TrainingArguments`; data is
found as its `data/README.md` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dslineage.errors import DslineageError
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
from dslineage.trainers.documents import interpolated, read_values, without_secrets

TRAINER = "LLaMA-Factory"
_INFO = "dataset_info.json"
_HUBS = {"hf_hub_url": "", "ms_hub_url": "modelscope://", "om_hub_url": "openmind://"}
_DOUBTS = {
    "max_samples": "at most so many rows of each data set are taken",
    "val_size": "a part of the rows is held out",
    "packing": "rows are packed",
    "neat_packing": "rows are packed",
    "cutoff_len": "rows are cut at so many tokens",
    "interleave_probs": "data sets are interleaved by chance",
    "max_steps": "the number of steps is limited",
    "streaming": "rows are read as a stream",
}


def configured(values: Mapping[str, Any], folder: Path) -> Configured:
    """What a configuration says.

    Args:
        values: its settings, with those of the command line over them.
        folder: where the trainer runs.
    """
    settings = {"cutoff_len": 2048, **interpolated(values)}
    data = _Data(settings, folder)
    named = tuple(data.named("train", "dataset")) + tuple(data.named("eval", "eval_dataset"))
    return Configured(
        trainer=TRAINER,
        parameters=without_secrets(values),
        data=named,
        output=text(settings, "output_dir"),
        base=text(settings, "model_name_or_path"),
        revision=text(settings, "model_revision"),
        resumes=text(settings, "resume_from_checkpoint"),
        resumes_last=not settings.get("overwrite_output_dir"),
        seed=whole(settings, "seed"),
        epochs=number(settings, "num_train_epochs"),
        doubts=(*said(settings, _DOUBTS), *data.doubts),
        gaps=tuple(dict.fromkeys((*data.gaps, *_adapters(settings)))),
    )


def _adapters(settings: Mapping[str, Any]) -> Iterator[Gap]:
    for name in texts(settings.get("adapter_name_or_path")):
        yield Gap("base-model", f"it goes on from the adapter {name}, whose data is not known here")


@dataclass
class _Data:
    """Finds the data sets that settings name; `gaps` and `doubts` grow."""

    settings: Mapping[str, Any]
    folder: Path
    gaps: list[Gap] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def named(self, role: Role, setting: str) -> Iterator[NamedData]:
        names = texts(self.settings.get(setting))
        place = text(self.settings, "dataset_dir") or "data"
        info = self._info(place) if names else {}
        weights = self._weights(len(names)) if role == "train" else [None] * len(names)
        prepared = text(self.settings, "tokenized_path")
        tokenized = bool(prepared and files_of(self.folder, [prepared]))
        if tokenized and names:
            why = f"it reads what was prepared before in {prepared}, and none of the named files"
            self.gaps.append(Gap("unknown-data", why))
        for name, weight in zip(names, weights, strict=True):
            if info is None:
                entry: Any = {"hf_hub_url": name}
            else:
                entry = info.get(name)
            if not isinstance(entry, Mapping):
                self.gaps.append(Gap("unknown-data", f"no {_INFO} says what {name} is"))
                yield NamedData(role, name, weight=weight)
                continue
            yield self._entry(role, entry, place, weight, tokenized=tokenized)

    def _info(self, place: str) -> Mapping[str, Any] | None:
        """The entries by name; None where names are those of the hub."""
        if place == "ONLINE":
            return None
        if place.startswith("REMOTE:"):
            self.gaps.append(Gap("unknown-data", f"{_INFO} of {place[7:]} was not read"))
            return {}
        try:
            return read_values(self.folder / place / _INFO)
        except DslineageError as error:
            self.gaps.append(Gap("unknown-data", error.message))
            return {}

    def _weights(self, count: int) -> list[float | None]:
        """The probabilities by which data sets are interleaved, where each has one."""
        strategy = text(self.settings, "mix_strategy") or "concat"
        given = self.settings.get("interleave_probs")
        told = given.split(",") if isinstance(given, str) else given
        if strategy == "concat" or not isinstance(told, list) or len(told) != count:
            return [None] * count
        return [number({"one": one}, "one") for one in told]

    def _entry(
        self,
        role: Role,
        entry: Mapping[str, Any],
        place: str,
        weight: float | None,
        *,
        tokenized: bool,
    ) -> NamedData:
        """One data set, as its entry says: a hub first, then a script, then a file."""
        drawn = whole(entry, "num_samples")
        if drawn is not None:
            self.doubts.append(f"{drawn:,} rows of a data set are drawn at random (num_samples)")
        split = text(entry, "split")
        for hub, scheme in _HUBS.items():
            name = text(entry, hub)
            if name:
                revision = text(entry, "revision")
                self.gaps += unpinned(name, revision)
                uri = f"{scheme}{name}" if scheme else hub_uri(name, revision)
                return NamedData(role, uri, (), split, weight)
        script = text(entry, "script_url")
        if script:
            self.gaps.append(Gap("unknown-data", f"the script {script} makes its rows"))
            return NamedData(role, script, (), split, weight)
        name = text(entry, "file_name") or ""
        uri = f"{place}/{name}"
        if "://" in name:
            self.gaps.append(Gap("unknown-data", f"{name} was not read"))
            return NamedData(role, name, (), split, weight)
        paths = files_of(self.folder, [uri]) if name else ()
        if not paths:
            self.gaps.append(missing(uri))
        return NamedData(role, uri, () if tokenized else paths, split, weight)
