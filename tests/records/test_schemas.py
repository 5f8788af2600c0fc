"""The published JSON Schemas and the code say the same."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from dslineage.errors import IntegrityError
from dslineage.records import DatasetRecord, Pointer, Record
from tests.records.kinds import KINDS, datasets

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schemas"
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)


@cache
def schema(kind: str) -> Draft202012Validator:
    documents = {path.name: json.loads(path.read_bytes()) for path in FOLDER.glob("*.json")}
    known: Registry[Any] = Registry().with_resources(
        (name, Resource.from_contents(document)) for name, document in documents.items()
    )
    for document in documents.values():
        Draft202012Validator.check_schema(document)
    return Draft202012Validator({"$ref": f"{kind}.schema.json"}, registry=known)


def complaints(kind: str, document: Any) -> list[str]:
    return [error.message for error in schema(kind).iter_errors(document)]


@every_kind
@given(data=st.data())
@settings(max_examples=25)
def test_what_the_code_writes_the_schema_allows(kind: type[Record], data: st.DataObject) -> None:
    document = json.loads(data.draw(KINDS[kind]).to_bytes())
    assert complaints(kind.kind, document) == []


@given(record=datasets)
def test_a_pointer_is_what_its_schema_says(record: DatasetRecord) -> None:
    document = json.loads(Pointer.to(record).to_bytes())
    assert complaints("pointer", document) == []
    assert complaints("pointer", document | {"more": 1}) != []


STRANGE: list[Any] = [None, "", " ", "x", -1, 0.5, True, [], {}, [None], {"a": None}, ["x", "x"],
                      "2026-02-31", "2026-01-02 03:04", "../x", "v0", "sha256:00"]  # fmt: skip


@every_kind
@given(data=st.data())
@settings(max_examples=60)
def test_what_the_schema_refuses_the_code_refuses(kind: type[Record], data: st.DataObject) -> None:
    """Whatever was changed: even where the id was made to fit."""
    document = json.loads(data.draw(KINDS[kind]).to_bytes())
    name = data.draw(st.sampled_from(sorted(document.keys() - {"id"})))
    how = data.draw(st.sampled_from(["gone", "more", "strange", "strange within"]))
    if how == "gone":
        del document[name]
    elif how == "more":
        document["further"] = 1
    else:
        value, odd = document[name], data.draw(st.sampled_from(STRANGE))
        if how == "strange within" and isinstance(value, dict) and value:
            document[name] = value | {data.draw(st.sampled_from(sorted(value))): odd}
        elif how == "strange within" and isinstance(value, list):
            document[name] = [*value, odd]
        else:
            document[name] = odd
    if complaints(kind.kind, document):
        with pytest.raises(IntegrityError, match="a file"):
            resealed(kind, document)


def resealed(kind: type[Record], document: dict[str, Any]) -> Record:
    """The record of a document whose id was made to fit what it says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Record, "id", document["id"])
        return kind.from_bytes(json.dumps(document).encode(), "a file")


def test_every_kind_has_a_schema_and_a_table_in_the_format() -> None:
    said = (FOLDER.parent / "format.md").read_text(encoding="utf-8")
    for kind in [*(one.kind for one in KINDS), "pointer"]:
        assert (FOLDER / f"{kind}.schema.json").is_file()
        assert f"dslineage.{kind}/1" in said
        assert f"(schemas/{kind}.schema.json)" in said
    for record in KINDS:
        members = json.loads((FOLDER / f"{record.kind}.schema.json").read_bytes())["properties"]
        unsaid = {name for name in members if f"`{name}`" not in said}
        assert unsaid == set()
