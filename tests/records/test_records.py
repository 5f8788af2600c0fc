"""Laws of all records: what is written is read, and the id binds everything."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslineage.errors import IntegrityError
from dslineage.records import Record, SourceRecord
from tests.records.kinds import KINDS, records

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


def read(kind: type[Record], document: dict[str, Any]) -> Record:
    return kind.from_bytes(json.dumps(document).encode(), "the-file.json")


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in a JSON value with every key of it."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in pairs:
        yield value, key
        if isinstance(item, dict | list):
            yield from places(item)


@every_kind
@given(data=st.data())
@settings(max_examples=25)
def test_what_is_written_is_read_again(kind: type[Record], data: st.DataObject) -> None:
    record = data.draw(KINDS[kind])
    assert kind.from_bytes(record.to_bytes(), "a file").to_bytes() == record.to_bytes()
    assert record.path.startswith(f".dslineage/records/{kind.kind}/")


@given(record=records, data=st.data())
def test_the_order_of_members_does_not_matter(record: Record, data: st.DataObject) -> None:
    document = record.to_dict()
    shuffled = dict(data.draw(st.permutations(list(document.items()))))
    assert read(type(record), shuffled).id == record.id


@given(one=records, data=st.data())
@settings(max_examples=100)
def test_the_id_binds_all_content(one: Record, data: st.DataObject) -> None:
    other = data.draw(KINDS[type(one)])
    name = data.draw(st.sampled_from([field.name for field in fields(one)]))  # type: ignore[arg-type]
    changed = {field.name: getattr(one, field.name) for field in fields(one)}  # type: ignore[arg-type]
    changed[name] = getattr(other, name)
    third = type(one)(**changed)
    assert (third.id == one.id) == (third.to_dict() == one.to_dict())


@given(record=records, data=st.data())
@settings(max_examples=200)
def test_a_document_in_which_anything_was_changed_is_refused_by_its_name(
    record: Record, data: st.DataObject
) -> None:
    """Not one change passes, and whatever stands there makes one error, not a traceback."""
    document = json.loads(record.to_bytes())
    original = copy.deepcopy(document)
    where, key = data.draw(st.sampled_from(list(places(document))))
    change = data.draw(st.sampled_from(["other", "gone", "more"]))
    if change == "gone":
        del where[key]
    elif change == "more" and isinstance(where, dict):
        where[data.draw(st.text(max_size=4))] = data.draw(JSON)
    else:
        where[key] = data.draw(JSON)
    if document == original:  # another writing of the same numbers: 1.0 for 1
        return
    with pytest.raises(IntegrityError, match=r"the-file\.json"):
        read(type(record), document)


@every_kind
@given(document=JSON)
@settings(max_examples=20)
def test_any_json_is_refused_in_an_orderly_way(kind: type[Record], document: Any) -> None:
    with pytest.raises(IntegrityError, match=r"the-file\.json"):
        read(kind, document)
    if isinstance(document, dict):
        with pytest.raises(IntegrityError, match=r"the-file\.json"):
            read(kind, document | {"schema": kind.schema})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"schema":"dslineage.source/1","gaps":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"schema":"dslineage.source/1","name":"a\\ud800"}',
        b'{"schema":"dslineage.source/1","name":"../../etc"}',
        b"<<<<<<< HEAD\n{}",
    ],
    ids=["empty", "no text", "deep", "deep inside", "half a surrogate", "a path", "merge markers"],
)
def test_a_hostile_file_is_one_error_with_its_name(data: bytes) -> None:
    with pytest.raises(IntegrityError, match=r"the-file\.json"):
        SourceRecord.from_bytes(data, "the-file.json")


@given(record=records)
def test_a_record_of_a_newer_schema_is_not_guessed_at(record: Record) -> None:
    document = record.to_dict() | {"schema": record.schema.replace("/1", "/2")}
    with pytest.raises(IntegrityError) as refusal:
        read(type(record), document)
    assert refusal.value.kind == "unknown-schema"
