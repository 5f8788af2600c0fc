"""What `show` says of a metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dslineage.quality.tally import Tally


def summary(document: Mapping[str, Any]) -> dict[str, Any]:
    """The figure, on how many examples it rests, and how they lie."""
    head = {name: document[name] for name in ("unit", "better")}
    if "kind" not in document:
        return {"value": document.get("figure"), **head, **document["detail"]}
    tally = Tally.from_dict(document)
    found: dict[str, Any] = {"value": tally.figure, **head, "examples": tally.applicable}
    if tally.rows != tally.applicable:
        found["not_applicable"] = tally.rows - tally.applicable
    if tally.buckets:
        found |= {f"p{p}": tally.quantile(p / 100) for p in (5, 50, 95)}
    if tally.counts:
        found["counts"] = dict(sorted(tally.counts.items(), key=lambda one: (-one[1], one[0])))
    return found
