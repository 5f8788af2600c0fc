"""Records of every kind, drawn at random: what the code can write."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st

from dslineage.ids import Digest
from dslineage.records import (
    CATEGORIES,
    Base,
    ClaimRecord,
    Code,
    Component,
    Consumed,
    DatasetRecord,
    Evidence,
    FileEntry,
    Gap,
    License,
    ListedMedia,
    MeasurementRecord,
    MixtureRecord,
    ModelRecord,
    NamedFile,
    Prepared,
    Record,
    RunInput,
    RunRecord,
    SourceRecord,
    StepRecord,
)
from dslineage.records.consumption import Mode
from dslineage.records.model import Form
from dslineage.records.run import Role, Status

text = st.text(max_size=8)
some = st.text(min_size=1, max_size=8)
counts = st.integers(0, 2**53)
numbers = st.floats(0, 1e6)
integers = st.integers(-(2**53), 2**53)
digests = st.binary(min_size=32, max_size=32).map(Digest)
digits = digests.map(lambda one: one.hex)
names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,9}", fullmatch=True).filter(
    lambda name: not name.endswith(".lock")
)
words = st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True)
days = st.dates().map(lambda day: day.isoformat())
instants = st.datetimes().map(lambda one: f"{one.replace(microsecond=0).isoformat()}Z")
addresses = st.from_regex(r"https?://[a-z]{1,9}\.org/[a-z0-9/]{0,9}", fullmatch=True)
paths = st.lists(words, min_size=1, max_size=3).map("/".join)
evidence = st.sampled_from([Evidence.DECLARED, Evidence.RECORDED, Evidence.CAPTURED])
values = st.recursive(
    st.booleans() | integers | st.floats(-1e9, 1e9) | text,
    lambda inner: (
        st.lists(st.none() | inner, max_size=2) | st.dictionaries(text, inner, max_size=2)
    ),
    max_leaves=4,
)
objects = st.dictionaries(text, values, max_size=3)
filled = st.dictionaries(text, values, min_size=1, max_size=3)
who: dict[str, Any] = {"author": text, "created_at": instants, "tool": text}


def ids(*kinds: str) -> st.SearchStrategy[str]:
    """Ids of records of some kinds."""
    return st.builds(lambda kind, one: f"{kind}:{one}", st.sampled_from(kinds), digests)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def several(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(strategy, max_size=2).map(tuple)


def tally(least: int = 0) -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(text, counts, min_size=least, max_size=2)


named_files = st.lists(
    st.builds(NamedFile, paths, maybe(counts), digests), max_size=2, unique_by=lambda one: one.path
).map(tuple)
gaps = several(st.builds(Gap, words, text))
licenses = st.builds(License, st.just("MIT") | addresses, maybe(days), maybe(addresses))
codes = st.builds(Code, some, maybe(digests), maybe(text), maybe(text))
bases = st.builds(Base, text, maybe(ids("model")), maybe(some), maybe(digests))
prepared = st.builds(
    Prepared, counts, *[maybe(counts)] * 6, packing=maybe(text)
)  # fmt: skip
consumed = st.builds(Consumed, st.sampled_from(get_args(Mode)), maybe(numbers), maybe(counts), text)
inputs = st.builds(
    RunInput,
    role=st.sampled_from(get_args(Role)),
    evidence=evidence,
    subject=maybe(ids("dataset", "mixture")),
    content_hash=maybe(digests),
    training_hash=maybe(digests),
    order_hash=maybe(digests),
    adapter=maybe(some),
    examples=maybe(counts),
    weight=maybe(numbers),
    epochs=maybe(numbers),
    split=maybe(some),
    uri=maybe(some),
    prepared=maybe(prepared),
)
readers = objects.map(lambda more: more | {"format": "jsonl"})
files = st.lists(
    st.builds(FileEntry, paths, counts, digests, readers),
    min_size=1,
    max_size=2,
    unique_by=lambda one: one.path,
).map(tuple)

datasets = st.builds(
    DatasetRecord,
    dataset=names,
    number=st.integers(1, 10**9 - 1),
    parents=several(ids("dataset")),
    content_hash=digests,
    training_hash=digests,
    order_hash=digests,
    adapter=st.sampled_from(["alpaca@1:44136fa355b3", "fields@12:0"]),
    mapping=objects,
    key=maybe(text),
    examples=counts,
    unique=counts,
    quarantined=counts,
    quarantine_hash=maybe(digests),
    format=text,
    store=st.sampled_from(["auto", "rows", "index"]),
    files=files,
    fields=st.dictionaries(text, tally(), max_size=2),
    change=st.dictionaries(ids("dataset"), objects, max_size=1),
    message=text,
    generated_by=maybe(ids("step", "source")),
    media=maybe(st.builds(ListedMedia, digests, counts, tally(), maybe(text))),
    **who,
)
measurements = st.builds(
    MeasurementRecord,
    dataset=names,
    version=st.integers(1, 999).map(lambda number: f"v{number}"),
    subject=ids("dataset"),
    profile=text,
    metrics=st.dictionaries(text, objects, max_size=2),
    unmeasured=st.dictionaries(text, text, max_size=2),
    created_at=instants,
    tool=text,
)
steps = st.builds(
    StepRecord,
    dataset=names,
    operation=words,
    inputs=several(ids("dataset", "source", "mixture", "model")),
    parameters=objects,
    parents=st.dictionaries(digits, several(digits), max_size=2),
    counts=tally(),
    message=text,
    command=several(text),
    exit_status=maybe(integers),
    code=maybe(codes),
    environment=maybe(filled),
    seed=maybe(integers),
    dropped=maybe(tally(1)),
    links=maybe(digests),
    files=named_files,
    imported_from=maybe(some),
    evidence=evidence,
    gaps=gaps,
    **who,
)
sources = st.builds(
    SourceRecord,
    name=names,
    uri=addresses,
    title=text,
    description=text,
    revision=maybe(some),
    files=named_files,
    license=maybe(licenses),
    category=maybe(st.sampled_from(CATEGORIES)),
    modality=maybe(some),
    languages=several(text),
    published_at=maybe(days),
    acquired_at=maybe(days),
    consent=maybe(some),
    geography=maybe(some),
    personal_data=maybe(st.booleans()),
    generator=maybe(some),
    creators=several(text),
    statements=maybe(st.dictionaries(text, several(text), min_size=1, max_size=2)),
    imported_from=maybe(some),
    evidence=evidence,
    gaps=gaps,
    **who,
)
components = st.builds(Component, ids("dataset"), counts, maybe(numbers), maybe(counts), numbers)
mixtures = st.builds(
    MixtureRecord,
    name=names,
    components=st.lists(components, min_size=1, max_size=2).map(tuple),
    seed=integers,
    file=text,
    sha256=digests,
    message=text,
    **who,
)
runs = st.builds(
    RunRecord,
    name=names,
    inputs=several(inputs),
    status=st.sampled_from(get_args(Status)),
    evidence=evidence,
    base=maybe(bases),
    code=maybe(codes),
    parameters=maybe(filled),
    environment=maybe(filled),
    framework=maybe(st.dictionaries(text, text, min_size=1, max_size=2)),
    seed=maybe(integers),
    tokenizer_hash=maybe(digests),
    template_hash=maybe(digests),
    started_with=maybe(digests),
    continues=maybe(ids("run")),
    continues_start=maybe(digests),
    resumed_from=maybe(some),
    started_at=maybe(instants),
    ended_at=maybe(instants),
    epochs=maybe(numbers),
    steps=maybe(counts),
    imported_from=maybe(some),
    gaps=gaps,
    **who,
)
models = st.builds(
    ModelRecord,
    name=names,
    label=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,9}", fullmatch=True),
    form=st.sampled_from(get_args(Form)),
    files=named_files,
    evidence=evidence,
    weights_hash=maybe(digests),
    generated_by=maybe(ids("run", "step")),
    derived_from=several(bases),
    trained_on=several(inputs),
    consumed=maybe(consumed),
    step=maybe(counts),
    epoch=maybe(numbers),
    license=maybe(licenses),
    uri=maybe(some),
    revision=maybe(some),
    imported_from=maybe(some),
    message=text,
    gaps=gaps,
    **who,
)
claims = st.builds(
    ClaimRecord,
    subject=ids("source", "step", "dataset", "mixture", "run", "model", "claim"),
    dataset=names,
    type=words,
    body=objects,
    **who,
)
KINDS: dict[type[Record], st.SearchStrategy[Any]] = {
    DatasetRecord: datasets,
    MeasurementRecord: measurements,
    StepRecord: steps,
    SourceRecord: sources,
    MixtureRecord: mixtures,
    RunRecord: runs,
    ModelRecord: models,
    ClaimRecord: claims,
}
records: st.SearchStrategy[Record] = st.one_of(*KINDS.values())
