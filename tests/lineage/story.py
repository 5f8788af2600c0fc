"""One story from two sources to a deployed model, with things that are not known on the way."""

from __future__ import annotations

from pathlib import Path

from dslineage.records import Base, Consumed, Evidence, Gap, NamedFile
from tests.lineage.world import (
    claim,
    digest,
    mixture,
    model,
    run,
    source,
    start_clock,
    step,
    train,
    version,
    write,
)


def tell(root: Path) -> None:
    """Put the records of the story into a work tree."""
    start_clock()
    web = source("web", license=None, category="crawled", files=(NamedFile("a", 1, digest("raw")),))
    hub = source("hub", category="public")
    raw = version("raw", file="raw", examples=9120)
    clean = step(raw, operation="clean", counts={"in": 9120, "out": 8800, "dropped": 320})
    v1 = version(made_by=clean, examples=8800)
    edit = step(v1, operation="edit", counts={"edited": 105}, evidence=Evidence.CAPTURED)
    v2 = version(number=2, parents=(v1,), made_by=edit, examples=8800, message="fix answers")
    math = version("math", made_by=hub, examples=7391)
    later = version("math", 2, parents=(math,), examples=7300)
    blend = mixture(v2, later)
    base = model(name="smol", label="base", form="base", consumed=None)
    training = run(
        train(blend), train(version("gone"), role="eval"), base=Base("org/smol", base.id),
        steps=40, epochs=2.0, gaps=(Gap("preparation", "112 rows were cut at 512 tokens"),),
    )  # fmt: skip
    early = model(training, label="checkpoint-20", step=20, consumed=Consumed("upper-bound"))
    again = run(train("train@2"), name="again", continues=training.id)
    final = model(again, name="again", step=60, epoch=3.0)
    small = model(name="small", form="quantisation", derived_from=(Base("a", final.id),))
    live = claim(small, "deployment", of="small")
    review = claim(v2, "review")
    write(
        root,
        [web, hub, raw, clean, v1, edit, v2, math, later, blend, base, training, early, again,
         final, small, version("stray"), live, review],
    )  # fmt: skip
