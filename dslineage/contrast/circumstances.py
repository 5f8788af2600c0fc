"""What of two trainings is not data: base, code, template, settings, versions of libraries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal

from dslineage.canonical.jcs import canonical_bytes

if TYPE_CHECKING:
    from dslineage.contrast.trained import Training
    from dslineage.records import Base, Prepared

_BASE = "base model"
ABSENT = "not set"
"""What a setting is where the others of its kind are known, and it is not among them."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One circumstance of two trainings, as text; None where it is not known.

    `alike` says that it is the same though the texts differ: a base under two names.
    """

    name: str
    before: str | None
    after: str | None
    alike: bool = False

    @property
    def state(self) -> Literal["same", "different", "unknown"]:
        """Whether it is known to be the same, or to differ."""
        if self.before is None or self.after is None:
            return "unknown"
        return "same" if self.alike or self.before == self.after else "different"

    def to_dict(self) -> dict[str, Any]:
        """The fact as a JSON object."""
        return {"name": self.name, "from": self.before, "to": self.after}


def circumstances(one: Training, other: Training) -> tuple[Fact, ...]:
    """All that is recorded of two trainings and is not data, in the order of what matters most."""
    sides = [dict(_of(one)), dict(_of(other))]
    facts: list[Fact] = []
    for name in sides[0]:
        before, after = (side[name] for side in sides)
        if name == _BASE:
            facts.append(_bases(before, after))
        elif isinstance(before, Mapping) or isinstance(after, Mapping):
            facts += _each(name, before, after)
        else:
            facts.append(Fact(name, _text(before), _text(after)))
    return tuple(facts)


def _each(name: str, before: Any, after: Any) -> Iterator[Fact]:
    """A fact for each key of two mappings; one fact where a side has no mapping at all."""
    if not before or not after:
        counts = [f"{len(side)} recorded" if side else None for side in (before, after)]
        yield Fact(name, counts[0], counts[1])
        return
    for key in sorted({*before, *after}):
        older, newer = (side.get(key) for side in (before, after))
        if isinstance(older, Mapping) and isinstance(newer, Mapping) and older != newer:
            yield from nested_facts(f"{name}.{key}", older, newer)
        else:
            texts = [_text(side[key]) if key in side else ABSENT for side in (before, after)]
            yield Fact(f"{name}.{key}", texts[0], texts[1])


def nested_facts(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Fact]:
    """A fact for each place where two settings that are objects differ, in the order of paths."""
    from deepdiff import DeepDiff
    from deepdiff.helper import notpresent

    # With its default, objects that have little in common would be one change of the whole.
    tree = DeepDiff(
        before,
        after,
        view="tree",
        ignore_numeric_type_changes=True,
        ignore_private_variables=False,
        threshold_to_diff_deeper=0,
    )
    places = (place for report in tree.values() for place in report)
    named = ((_path(place.path(output_format="list")), place) for place in places)
    for path, place in sorted(named, key=itemgetter(0)):
        older, newer = (
            ABSENT if side is notpresent else "null" if side is None else _text(side)
            for side in (place.t1, place.t2)
        )
        yield Fact(name + path, older, newer)


def _path(steps: Sequence[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _of(training: Training) -> Iterator[tuple[str, Any]]:
    run, model = training.run, training.model
    code = run.code if run else None
    consumed = model.consumed if model else None
    prepared = [one.prepared for one in run.inputs if one.role == "train"] if run else []
    yield _BASE, _bases_of(training)
    yield "code commit", code.commit if code else None
    yield "uncommitted changes", (str(code.dirty or "none") if code and code.commit else None)
    yield "script", code.script if code else None
    yield "chat template", run.template_hash if run else None
    yield "tokenizer", run.tokenizer_hash if run else None
    yield "parameters", (run.parameters or {}) if run else {}
    yield "seed", run.seed if run else None
    yield "framework", (run.framework or {}) if run else {}
    yield "preparation", _prepared(prepared)
    yield "consumption", consumed.mode if consumed else None
    yield "epochs", (consumed.epochs if consumed else None) or (run.epochs if run else None)
    yield "steps", (consumed.steps if consumed else None) or (run.steps if run else None)
    yield "status", run.status if run else None
    yield "resumed from", (run.resumed_from or "nothing") if run else None
    yield "environment", (run.environment or {}) if run else {}


def _bases_of(training: Training) -> tuple[Base, ...]:
    if training.run is not None and training.run.base is not None:
        return (training.run.base,)
    return training.model.derived_from if training.model else ()


def _bases(before: tuple[Base, ...], after: tuple[Base, ...]) -> Fact:
    """The bases, which are the same where their tensors are, whatever they are called."""
    older, newer = (", ".join(map(_base, side)) or None for side in (before, after))
    tensors = [[base.weights_hash for base in side] for side in (before, after)]
    known = all(hash_ for side in tensors for hash_ in side)
    return Fact(_BASE, older, newer, alike=known and tensors[0] == tensors[1])


def _base(base: Base) -> str:
    parts = [base.uri, base.revision and f"at {base.revision}"]
    if base.weights_hash is not None:
        parts.append(f"tensors {base.weights_hash.short}")
    return " ".join(filter(None, parts))


def _prepared(found: list[Prepared | None]) -> str | None:
    """What the trainer did to its rows, in a few words."""
    known = [one for one in found if one is not None]
    if not known or len(known) < len(found):
        return None
    return "; ".join(
        ", ".join(f"{name} {value}" for name, value in one.to_dict().items()) for one in known
    )


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, (Mapping, list, tuple)):
        return canonical_bytes(value).decode()
    return str(value)
