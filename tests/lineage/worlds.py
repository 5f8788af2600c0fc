"""Random histories: records of all kinds that rest on one another by id and by content."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from dslineage.records import Base, Evidence, NamedFile, Record
from tests.lineage.world import (
    digest,
    mixture,
    model,
    run,
    source,
    start_clock,
    step,
    train,
    version,
)

CONTENT = st.sampled_from("abc")
WORTH = st.sampled_from([Evidence.DECLARED, Evidence.RECORDED, Evidence.CAPTURED])


@st.composite
def histories(draw: st.DrawFn, most: int = 14) -> list[Record]:
    """Records, each made after those that it names; contents meet by chance, circles too."""
    start_clock()
    made: list[Record] = [source("web", files=(NamedFile("a", 1, digest("fa")),))]
    for number in range(1, draw(st.integers(1, most))):
        kind = draw(st.sampled_from(("source", "version", "step", "mixture", "run", "model")))
        made.append(_one(draw, kind, number, made))
    return made


def _one(draw: st.DrawFn, kind: str, number: int, made: list[Record]) -> Record:
    def some(*kinds: str, most: int = 2) -> list[Record]:
        there = [one for one in made if one.kind in kinds]
        return draw(st.lists(st.sampled_from(there), max_size=most, unique_by=id)) if there else []

    name = f"n{number}"
    match kind:
        case "source":
            return source(name)
        case "version":
            makers = some("step", "source", most=1)
            return version(
                name, content=draw(CONTENT), parents=tuple(some("dataset")),
                made_by=makers[0] if makers else None, file="f" + draw(CONTENT),
            )  # fmt: skip
        case "step":
            return step(*some("dataset", "source", "mixture", "model"), dataset=name)
        case "mixture":
            there = some("dataset")
            return mixture(*there, name=name) if there else version(name)
        case "run":
            named = some("dataset", "mixture", "model")
            inputs = [train(one, evidence=draw(WORTH)) for one in named if one.kind != "model"]
            inputs += [train(one) for one in draw(st.lists(CONTENT, max_size=1))]
            before = some("run", most=1)
            return run(
                *inputs, name=name, base=_base(draw, named),
                continues=before[0].id if before else None,
            )  # fmt: skip
        case _:
            makers = some("run", "step", most=1)
            base = _base(draw, some("model"))
            said: dict[str, Any] = {"derived_from": (base,)} if base else {}
            weights = draw(st.none() | CONTENT)
            return model(makers[0] if makers else None, name=name, weights=weights, **said)


def _base(draw: st.DrawFn, named: list[Record]) -> Base | None:
    models = [one.id for one in named if one.kind == "model"]
    if models:
        return Base("b", models[0])
    weights = draw(st.none() | CONTENT)
    return Base("b", weights_hash=digest(weights)) if weights else None
