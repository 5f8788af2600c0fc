"""What was measured, read again from `docs/format.md` alone; see `second_reader`."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.format.second_reader import Columns, Repository, canonical, named, require, sha256

SUMS = ("rows", "applicable", "part", "whole", "squares", "crossed", "wholes", "nonzero")
IMPLIED = {
    "applicable": "rows",
    "whole": "applicable",
    "squares": "part",
    "crossed": "part",
    "wholes": "whole",
    "nonzero": "part",
}
MISSING = {
    "flag": 255,
    "count": 2**32 - 1,
    "reasons": 2**32 - 1,
    "number": -(2**63),
    "category": 0,
    "key": 0,
}


class Value(NamedTuple):
    """One example under one metric: as a fraction, and what is counted of it."""

    part: int
    whole: int
    raw: int


def measurements(reader: Repository, record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The records of what was measured of a version, their ids checked."""
    folder = reader.root / ".dslineage" / "records" / "measurement" / record["dataset"]
    for path in sorted(folder.glob(f"{record['version']}-*.json")):
        found = json.loads(path.read_bytes())
        content = {name: value for name, value in found.items() if name != "id"}
        require(found["schema"] == "dslineage.measurement/1", f"{path.name}: another schema")
        id_ = "measurement:" + named(sha256(canonical(content)))
        require(found["id"] == id_, f"{path.name} does not have the id that it states")
        require(path.stem == f"{record['version']}-{id_[19:31]}", f"{path.name}: another place")
        if found["subject"] == record["id"]:
            ids = sha256(canonical(list(found["metrics"]))).hex()[:16]
            require(found["profile"].endswith(f":{ids}"), "another profile")
            yield found


def check(reader: Repository, record: dict[str, Any], measurement: dict[str, Any]) -> int:
    """Recompute every tally from the values that are kept; how many there were."""
    checked = 0
    for id_, stated in measurement["metrics"].items():
        if "kind" not in stated:
            continue
        values = list(_values(reader, record, id_, stated["kind"]))
        found = _tally(values, stated["kind"])
        for name in SUMS:
            known = stated.get(name, found[IMPLIED[name]] if name in IMPLIED else 0)
            require(int(known) == found[name], f"{id_}: another {name}: {found[name]}")
        if found["whole"] and stated["kind"] != "category":
            scale = 10**6 if stated["kind"] == "number" else 1
            require(
                math.isclose(stated["figure"], found["part"] / found["whole"] / scale),
                f"{id_}: another figure",
            )
        pairs = (pair.split(":") for pair in stated.get("buckets", "").split())
        buckets = {int(place): int(count) for place, count in pairs}
        require(buckets == found["buckets"], f"{id_}: another histogram")
        checked += 1
    return checked


def _values(reader: Repository, record: dict[str, Any], id_: str, kind: str) -> Iterator[Value]:
    tag = sha256(record["adapter"].encode()).hex()[:16]
    for file in record["files"]:
        for run in reader.layout(file).runs:
            columns = _columns(reader, run.pack, tag, id_)
            data = [int.from_bytes(row, "little", signed=kind == "number") for row in columns[0]]
            wholes = [int.from_bytes(row, "little") for row in columns[1]]
            for place in range(run.rows.start, run.rows.stop):
                raw = data[place]
                if kind == "rate":
                    yield Value(raw, wholes[place], raw)
                elif raw == MISSING[kind]:
                    yield Value(0, 0, 0)
                else:
                    counted = {"reasons": int(raw != 0), "category": 0}.get(kind, raw)
                    yield Value(counted, 1, raw)


def _columns(reader: Repository, pack: str, tag: str, id_: str) -> tuple[list[bytes], list[bytes]]:
    for path in sorted((reader.objects / "measures").glob(f"{pack}.{tag}.*")):
        found = Columns(path).columns
        if id_ in found:
            return found[id_], found.get(f"{id_}/whole", [])
    require(False, f"{id_} of {pack} is not kept")
    raise AssertionError


def _tally(values: list[Value], kind: str) -> dict[str, Any]:
    places: Counter[int] = Counter()
    if kind in ("count", "number"):
        scale = 10**6 if kind == "number" else 1
        places = Counter(_place(one.part / scale) for one in values if one.whole)
    return {
        "rows": len(values),
        "applicable": sum(one.whole != 0 for one in values),
        "part": sum(one.part for one in values),
        "whole": sum(one.whole for one in values),
        "squares": sum(one.part**2 for one in values),
        "crossed": sum(one.part * one.whole for one in values),
        "wholes": sum(one.whole**2 for one in values),
        "nonzero": sum(one.part != 0 for one in values),
        "buckets": dict(places),
    }


def _place(value: float) -> int:
    if value == 0:
        return 0
    place = math.ceil(math.log(abs(value)) / math.log(1.02)) + 1000
    return place if value > 0 else -place
