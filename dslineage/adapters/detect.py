"""Which adapter fits some examples, and which field looks like their key."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dslineage.adapters.family import COLUMNS, Family
from dslineage.adapters.fields import Fields
from dslineage.adapters.llamafactory import LlamaFactory
from dslineage.adapters.registry import PRECEDENCE, family
from dslineage.errors import UsageError

if TYPE_CHECKING:
    from dslineage.adapters.base import Adapter
    from dslineage.adapters.form import Form

FITS = 0.99
"""A form fits a sample where at least this part of the examples have what it needs."""

DISTINCT = 0.95
"""A key field has at least this part of its sampled values distinct."""

_KEY_CHARACTERS = 200
_KEY_NAMES = ("id", "_id", "uuid", "guid", "key", "idx", "index")
_ALIASES = {
    "instruction": "prompt",
    "question": "prompt",
    "input": "query",
    "output": "response",
    "completion": "response",
    "answer": "response",
    "conversations": "messages",
    "completions": "answers",
    "kto_tag": "label",
}


@dataclass(frozen=True, slots=True)
class Detection:
    """The adapter chosen for a sample.

    `saw` is one sentence about what was seen, `candidates` the other families that fit as well,
    by fields that the chosen one does not read; `notices` are sentences for people.
    """

    adapter: Adapter
    saw: str
    notices: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()


def detect(
    sample: Sequence[Mapping[str, Any]],
    *,
    schema: str | None = None,
    columns: Mapping[str, str] | None = None,
    strict: bool = False,
    info: Mapping[str, Any] | None = None,
) -> Detection:
    """Choose the adapter for examples like these.

    Args:
        sample: some examples.
        schema: the name of the family to take, whatever is seen.
        columns: the column of each role, such as `{"prompt": "act", "response": "prompt"}`.
        strict: let ambiguity be an error instead of a notice.
        info: the entry of `dataset_info.json` for the file; `schema` overrides it.

    Raises:
        UsageError: an unknown family, role or column, or, if strict, more than one family fits,
            or none fits all examples.
    """
    roles = _roles(columns or {}, sample)
    if info is not None and schema in (None, LlamaFactory.name):
        return _as_entry(LlamaFactory.from_entry(info).with_columns(roles), sample)
    if schema is not None:
        return _as_told(family(schema), roles, sample)
    forms = [form for form in (form.mapped(roles) for form in PRECEDENCE) if form is not None]
    if roles and not forms:
        message = f"no schema has a use for {', '.join(sorted(roles))} together"
        raise UsageError(message, kind="columns", hint="name one with --schema")
    found = _choose(forms, sample)
    if strict and found.notices:
        raise UsageError(found.notices[0], kind="ambiguous-schema", hint="name one with --schema")
    return found


def still_fits(adapter: Adapter, sample: Sequence[Mapping[str, Any]]) -> bool:
    """Whether examples like these still have the columns that an adapter reads."""
    return any(
        _count(replace(form, adapter=adapter), sample) >= FITS * len(sample)
        for form in PRECEDENCE
        if isinstance(adapter, Family) and form.adapter.name == adapter.name
    )


def detect_key(sample: Sequence[Mapping[str, Any]], adapter: Adapter) -> str | None:
    """The field that looks like the key of the examples; only a candidate.

    It is a string or an integer in every example, not read by the adapter, and at least 95% of
    its values are distinct. Names like `id` go first; then the most distinct field of short
    strings, if there is one.
    """
    common = set.intersection(*(set(example) for example in sample)) if sample else set()
    candidates: list[tuple[bool, float, str]] = []
    for name in sorted(common - adapter.consumed):
        values = [example[name] for example in sample]
        distinct = _distinct(values)
        like_id = _is_key_name(name)
        short = all(type(v) is str and 0 < len(v) <= _KEY_CHARACTERS for v in values)
        if distinct >= DISTINCT and (like_id or short):
            candidates.append((not like_id, -distinct, name))
    return min(candidates)[2] if candidates else None


def _roles(columns: Mapping[str, str], sample: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """A column mapping with the names of roles made uniform, checked against the sample."""
    roles: dict[str, str] = {}
    seen = Counter(name for example in sample for name in example)
    for given, column in columns.items():
        role = _ALIASES.get(given, given)
        if role not in COLUMNS:
            hint = _nearest(given, (*COLUMNS, *_ALIASES))
            raise UsageError(f"unknown role {given!r} in the column mapping", hint=hint)
        if role in roles:
            raise UsageError(f"two columns for the role {role}: {roles[role]} and {column}")
        if sample and column not in seen:
            raise UsageError(f"no example has a field {column!r}", hint=_nearest(column, seen))
        roles[role] = column
    return roles


def _nearest(name: str, known: Iterable[str]) -> str:
    choices = sorted(known)
    near = difflib.get_close_matches(name, choices, n=1)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(choices)}"


def _as_entry(adapter: LlamaFactory, sample: Sequence[Mapping[str, Any]]) -> Detection:
    named = sorted(adapter.consumed)
    there = sum(any(name in example for name in named) for example in sample)
    saw = f"{', '.join(named)}, as dataset_info.json says, in {_of(there, sample)}"
    return Detection(adapter, saw, _unread(adapter.name, there, sample))


def _as_told(
    found: type[Family], roles: Mapping[str, str], sample: Sequence[Mapping[str, Any]]
) -> Detection:
    """The named family, in the form that fits most examples."""
    if found is Fields:
        return Detection(Fields(), f"the fields of {_of(len(sample), sample)}")
    mapped = (f.mapped(roles) for f in PRECEDENCE if type(f.adapter) is found)
    forms = [form for form in mapped if form is not None]
    counts = [_count(form, sample) for form in forms]
    best = max(counts, default=0)
    if not best:
        adapter = found().with_columns(roles)
        there = sum(not adapter.consumed.isdisjoint(example) for example in sample)
        saw = f"fields of schema {found.name} in {_of(there, sample)}"
        return Detection(adapter, saw, _unread(found.name, 0, sample))
    form = forms[counts.index(best)]
    return Detection(form.adapter, _saw(form, best, sample), _unread(found.name, best, sample))


def _choose(forms: Sequence[Form], sample: Sequence[Mapping[str, Any]]) -> Detection:
    """The first form that fits; else the one that fits most, if that is half of the examples."""
    counts = {i: _count(form, sample) for i, form in enumerate(forms)}
    counts = {i: count for i, count in counts.items() if count and forms[i].bears_mark(sample)}
    fitting = [i for i, count in counts.items() if count >= FITS * len(sample)]
    if fitting:
        first = fitting[0]
        others = [forms[i] for i in fitting[1:]]
        return _fitting(forms[first], counts[first], others, sample)
    if not counts:
        return Detection(Fields(), f"no known schema in {_of(len(sample), sample)}")
    first = max(counts, key=lambda i: (counts[i], -i))
    form, count = forms[first], counts[first]
    mixed = _mixed(forms, counts, sample)
    if 2 * count < len(sample):
        notice = f"{mixed}; none fits half of them, so they are compared by their fields"
        return Detection(Fields(), f"no one schema in {_of(len(sample), sample)}", (notice,))
    notice = f"{mixed}; read as {form.adapter.name}, the others are kept by their fields"
    return Detection(form.adapter, _saw(form, count, sample), (notice,))


def _fitting(
    form: Form, count: int, others: Sequence[Form], sample: Sequence[Mapping[str, Any]]
) -> Detection:
    """A form that fits, with a notice where others would read what it does not."""
    adapter = form.adapter
    rivals = [other for other in others if not other.fields <= adapter.consumed]
    if not rivals:
        return Detection(adapter, _saw(form, count, sample))
    names = tuple(dict.fromkeys(other.adapter.name for other in rivals))
    ways = "; ".join(dict.fromkeys(f"{o.adapter.name} ({o.says})" for o in rivals))
    notice = f"read as {adapter.name} ({form.says}), though it also fits {ways}; --schema decides"
    return Detection(adapter, _saw(form, count, sample), (notice,), names)


def _mixed(
    forms: Sequence[Form], counts: Mapping[int, int], sample: Sequence[Mapping[str, Any]]
) -> str:
    """How many examples each family fits first."""
    tally: Counter[str] = Counter()
    for example in sample:
        fit = next((i for i in counts if forms[i].fits(example)), None)
        tally["none" if fit is None else forms[fit].adapter.name] += 1
    shares = ", ".join(f"{name} {count}" for name, count in tally.most_common())
    return f"mixed schemas in {_of(len(sample), sample)} ({shares})"


def _count(form: Form, sample: Sequence[Mapping[str, Any]]) -> int:
    return sum(form.fits(example) for example in sample)


def _saw(form: Form, count: int, sample: Sequence[Mapping[str, Any]]) -> str:
    return f"{form.says} in {_of(count, sample)}"


def _of(count: int, sample: Sequence[Mapping[str, Any]]) -> str:
    return f"{count:,} of {len(sample):,} examples"


def _unread(name: str, count: int, sample: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    if count >= FITS * len(sample):
        return ()
    return (f"schema {name} fits {_of(count, sample)}; the others are kept by their fields",)


def _distinct(values: Sequence[Any]) -> float:
    """The share of distinct values, 0 where one is neither a string nor an integer."""
    if any(type(value) not in (str, int) for value in values):
        return 0.0
    return len(set(values)) / len(values)


def _is_key_name(name: str) -> bool:
    lower = name.lower()
    return (
        lower in _KEY_NAMES
        or lower.endswith(("_id", "-id", "_uuid", "_key"))
        or name.endswith("Id")
    )
