"""The callback for trainers of transformers and TRL, and whatever is built on them."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_callback import ExportableState

from dslineage.canonical.jcs import digest_of
from dslineage.ids import Digest
from dslineage.records import Base, Gap
from dslineage.training.guard import Guard
from dslineage.training.preparation import Treatment
from dslineage.training.sampling import doubts_about
from dslineage.training.session import Resumed, Session, Settings
from dslineage.training.surroundings import plain
from dslineage.weights.hashing import weights_hash

_LOG = logging.getLogger("dslineage")
_PLACES = {"logging_dir", "output_dir", "run_name"}
"""Arguments that say where a training stands, and nothing of what it does."""


class DslineageCallback(TrainerCallback, ExportableState):  # type: ignore[misc]  # bases of Any
    """Notes of a training what is needed to say later which data made which checkpoint.

    Before the first step it writes `dslineage-run.json` into `output_dir`, by a temporary file,
    fsync and rename. Each checkpoint carries the run's ids in its `trainer_state.json`, also where
    it is pushed at once, and is hashed when it is saved. Only the first process of all writes.

    Call `dslineage.watch` on the raw data set before the trainer is made; without, the rows that
    the trainer prepared are hashed, which no version has.

    Args:
        strict: let errors stop the training; otherwise they are one warning, and a gap.
    """

    def __init__(self, *, strict: bool = False) -> None:
        self.strict = strict
        self.lineage: Mapping[str, Any] = {}
        self._session = Session(Guard(strict))
        self._is_first: bool | None = None
        self._ended: tuple[int, float | None] = (0, None)

    def state(self) -> dict[str, Any]:
        """What `trainer_state.json` keeps of the callback; see `ExportableState`."""
        return {"args": {"strict": self.strict}, "attributes": {"lineage": dict(self.lineage)}}

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **known: Any
    ) -> None:
        """Write the run file, before the first step."""
        self._is_first = state.is_world_process_zero
        if self._is_first:
            session = Session(Guard(self.strict), watched=self._session.watched)
            with session.guard("recording the start of the run"):
                loader = known.get("train_dataloader")
                settings = _settings(args, loader, known, session.guard)
                session.begin(settings, getattr(loader, "dataset", None), _resumed(state))
            self._session, self.lineage = session, session.lineage
        # Where the checkpoint that is resumed was saved without this callback, the trainer would
        # look for its state in vain when it saves the next one.
        state.stateful_callbacks.setdefault(type(self).__name__, self.state())

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **known: Any
    ) -> None:
        """Hash the checkpoint that was just saved."""
        if state.is_world_process_zero:
            folder = _checkpoint(Path(args.output_dir), state.global_step)
            self._session.saved(folder, steps=state.global_step, epochs=state.epoch)

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **known: Any
    ) -> None:
        """Note the end. What `save_model` saves after it, no callback sees: see `saved`."""
        if state.is_world_process_zero:
            self._ended = (state.global_step, state.epoch)
            self._session.end("finished", steps=state.global_step, epochs=state.epoch)
            _LOG.info(
                "dslineage: a model that is saved from now on is noted by callback.saved(DIR), or "
                "later by: dslineage model add DIR --run RUN"
            )

    def saved(self, folder: str | Path, label: str = "final") -> None:
        """Note a model that was saved after the training, as by `trainer.save_model(folder)`.

        Processes but the first do nothing.
        """
        if self._is_first is None:
            _LOG.warning("dslineage: no training called this callback, so %s is not noted", folder)
        steps, epochs = self._ended
        self._session.saved(Path(folder), steps=steps, epochs=epochs, label=label)


def _settings(
    args: TrainingArguments, loader: Any, known: Mapping[str, Any], guard: Guard
) -> Settings:
    base: Base | None = None
    gaps: tuple[Gap, ...] = ()
    with guard("reading the base model", "base-model"):
        base, gaps = _base(known.get("model"))
    tokenizer, template = None, None
    with guard("hashing the tokenizer"):
        tokenizer, template = _tokenizer_hashes(known.get("processing_class"))
    said = plain(args.to_dict())
    seed = args.seed if args.data_seed is None else args.data_seed
    batch = args.train_batch_size * args.gradient_accumulation_steps * args.world_size
    return Settings(
        folder=Path(args.output_dir),
        parameters={name: told for name, told in said.items() if name not in _PLACES},
        how=_treatment(args),
        base=base,
        seed=args.seed,
        tokenizer_hash=tokenizer,
        template_hash=template,
        script=Path(sys.argv[0]).name or None,
        sampling=f"seed {seed}, batch {batch}",
        doubts=_doubts(args, loader),
        gaps=gaps,
    )


def _treatment(args: TrainingArguments) -> Treatment:
    """What a trainer of TRL does to its rows; the Trainer of transformers does nothing to them."""
    packing = args.packing_strategy if getattr(args, "packing", False) else None
    max_length = getattr(args, "max_length", None)
    tuned = any(base.__name__ == "SFTConfig" for base in type(args).__mro__)
    return Treatment(max_length, packing, tuned and packing is None and max_length is not None)


def _doubts(args: TrainingArguments, loader: Any) -> tuple[str, ...]:
    again = "a resumed training begins with the first batch again"
    return (*doubts_about(loader), *((again,) if args.ignore_data_skip else ()))


def _resumed(state: TrainerState) -> Resumed | None:
    """The checkpoint that a training goes on from, by the state that was loaded from it."""
    if not state.global_step:
        return None
    carried: Mapping[str, Any] = {}
    for told in state.stateful_callbacks.values():
        for one in told if isinstance(told, list) else [told]:
            lineage = one.get("attributes", {}).get("lineage") if isinstance(one, dict) else None
            carried = lineage or carried
    steps = state.global_step
    return Resumed(f"checkpoint-{steps}", steps, float(state.epoch or 0), carried)


def _base(model: Any) -> tuple[Base | None, tuple[Gap, ...]]:
    """What the model was loaded from; the tensors of a folder are hashed."""
    model = getattr(model, "module", model)
    adapters = getattr(model, "peft_config", None)
    config = getattr(model, "config", None)
    name = getattr(config, "_name_or_path", "")
    revision = getattr(config, "_commit_hash", None)
    if isinstance(adapters, Mapping) and adapters:
        adapter = next(iter(adapters.values()))
        name = getattr(adapter, "base_model_name_or_path", None) or name
        revision = getattr(adapter, "revision", None) or revision
    if not name:
        return None, (Gap("base-model", "the model does not say what it was loaded from"),)
    folder = Path(name)
    weights = weights_hash(sorted(folder.glob("*.safetensors"))) if folder.is_dir() else None
    return Base(uri=name, revision=revision, weights_hash=weights), ()


def _tokenizer_hashes(processing: Any) -> tuple[Digest | None, Digest | None]:
    """The hashes of a tokenizer, as `tokenizer.json` has it, and of its chat template.

    How it pads and cuts is no part of the first: a trainer sets that while it works.
    """
    tokenizer = getattr(processing, "tokenizer", processing)
    backend = getattr(tokenizer, "backend_tokenizer", None)
    template = getattr(processing, "chat_template", None)
    document = None if backend is None else json.loads(backend.to_str())
    if document is not None:
        document = {**document, "truncation": None, "padding": None}
    said = template.encode() if isinstance(template, str) else None
    return (
        None if document is None else digest_of(document),
        None if said is None else Digest.of(said),
    )


def _checkpoint(output: Path, step: int) -> Path:
    """The folder of a checkpoint; that of a search is one folder further down."""
    name = f"checkpoint-{step}"
    found = [output / name, *output.glob(f"run-*/{name}")]
    there = [folder for folder in found if folder.is_dir()]
    return max(there, key=lambda folder: folder.stat().st_mtime_ns, default=output / name)
