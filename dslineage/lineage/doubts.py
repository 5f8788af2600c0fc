"""Why something that was given to a training may not have been used in it: records in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage.records import Evidence

if TYPE_CHECKING:
    from dslineage.records import Component, Consumed, Prepared, RunInput, RunRecord


_UNSEEN = "what the trainer made of its rows was not seen"


def of_component(component: Component) -> Iterator[str]:
    """Why an example of a component may not be in the mixture."""
    if component.cap is not None and component.cap < component.examples:
        yield f"the mixture took at most {component.cap:,} of {component.examples:,} examples"
    if component.weight is not None:
        yield "the mixture drew examples by weight"
    if component.repeats < 1:
        yield f"the mixture took each example {component.repeats:g} times"


def of_input(entry: RunInput) -> Iterator[str]:
    """Why a trainer may not have used an example that it was given."""
    prepared = entry.prepared
    if prepared is None and entry.evidence is Evidence.RECORDED:
        yield _UNSEEN
    if entry.weight is not None:
        yield "examples were drawn by weight"
    if entry.epochs is not None and entry.epochs < 1:
        yield f"{entry.epochs:g} epochs of the data were used"
    if prepared is not None:
        yield from _cut(prepared)


def _cut(prepared: Prepared) -> Iterator[str]:
    dropped = prepared.rows - prepared.kept if prepared.kept is not None else prepared.masked or 0
    if dropped > 0:
        yield f"the trainer dropped {dropped:,} of {prepared.rows:,} rows"
    if prepared.truncated:
        at = f" at {prepared.max_length:,} tokens" if prepared.max_length else ""
        yield f"the trainer cut {prepared.truncated:,} of {prepared.rows:,} rows{at}"
    if prepared.packing:
        yield f"the trainer packed the rows ({prepared.packing})"


def of_run(run: RunRecord) -> Iterator[str]:
    """Why a run may not have used all of its data."""
    if run.imported_from is not None:
        yield _UNSEEN
    if run.epochs is None:
        yield "how much of the data the run used is not recorded"
    elif run.epochs < 1:
        yield f"the run used {run.epochs:g} epochs of the data"


def of_model(consumed: Consumed | None) -> Iterator[str]:
    """Why a model may not have been trained on all that its run was given."""
    if consumed is None or consumed.mode == "unknown":
        yield (consumed.why if consumed else "") or "how much of the data was used is not recorded"
    elif consumed.mode == "upper-bound":
        told = consumed.epochs is not None and consumed.epochs < 1
        some = f"it was saved after {consumed.epochs:g} epochs" if told else ""
        yield consumed.why or some or "not all of the data was used for certain"
