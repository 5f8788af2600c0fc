"""How metrics moved, as text, Markdown and CSV: the first thing that is said, and never obeyed."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from inline_snapshot import snapshot

from dslineage.diff.cause import Highlight, Influence, Why
from dslineage.diff.result import DiffResult
from dslineage.quality.attribution import Ratio
from dslineage.quality.metric import Kind, Metric, Rate
from dslineage.quality.movement import Movement
from dslineage.quality.moving import Changed, move
from dslineage.quality.slices import by_slice
from dslineage.quality.tally import Tally
from dslineage.quality.values import Values
from dslineage_cli.page import Page
from dslineage_cli.render import diff_markdown, diff_text, histograms, metrics_csv
from tests.cli.results import HOSTILE, chat, edited, obeyed, result

BAD = Metric("bad_chars", Kind.RATE, "ppm", "lower", lambda _: None)
WORDS = Metric("target_words", Kind.COUNT, "words", "neutral", lambda _: None)
EDIT = edited(
    chat("h-1", "How warm is it?", "It is 20°C."), chat("h-1", "How warm is it?", "It is 20Â°C.")
)
NONE = Values.of(Kind.RATE, [])


def spoiled() -> Movement:
    """Two of 200 examples of 1,000 characters got two bad ones."""
    clean, dirty = Rate(0, 1000), Rate(2, 1000)
    before = Tally.of(Values.of(Kind.RATE, [clean] * 200))
    after = Tally.of(Values.of(Kind.RATE, [clean] * 198 + [dirty] * 2))
    pairs = Values.of(Kind.RATE, [clean] * 2), Values.of(Kind.RATE, [dirty] * 2)
    return move(BAD, before, after, Changed(NONE, NONE, *pairs))


def shortened() -> Movement:
    """The longer half of 200 answers was removed."""
    values = Values.of(Kind.COUNT, list(range(10, 210)))
    kept, gone = (
        Values.of(Kind.COUNT, list(range(10, 110))),
        Values.of(Kind.COUNT, list(range(110, 210))),
    )
    none = Values.of(Kind.COUNT, [])
    return move(WORDS, Tally.of(values), Tally.of(kept), Changed(gone, none, none, none))


def shown(text: str = "It is 20Â°C.") -> Influence:
    mark = Highlight("after", "messages[1].content", text, ((8, 10),))
    return Influence(EDIT, 1e-5, [0, 1000], [2, 1000], (mark,))


def moved(*movements: Movement, **changes: object) -> DiffResult:
    why = (Why("bad_chars", 2, (shown(),)),)
    return replace(result(), metrics=movements, why=why, **changes)  # type: ignore[arg-type]


def text(diff: DiffResult, width: int = 90, *, ascii_only: bool = False) -> str:
    return diff_text.page(diff, Page(width, ascii=ascii_only)).text()


def test_what_no_random_change_could_do_is_said_first_with_an_example_before_any_count() -> None:
    said = text(moved(spoiled(), shortened()))
    assert said[: said.index("296 → 355")] == snapshot("""\
train  v3 → v4

bad_chars    ↓ worse  0 → 2 examples, all by edits  0.0 ppm → 20.0 ppm  +20.0 ppm
    before, all examples were alike in this: a random change made of them moves nothing ·
    of the edited ones 2 worse
  ~ row 12 → 14  3fa2c1d9 → 77aa01c2  id h-1  paired by the same key
      bad_chars 0 of 1,000 → 2 of 1,000  +10.0 ppm
      messages[1].content (after)
        It is 20[*Â°*]C.
target_words ·  109.5 words → 59.5 words  −50.0 words, all by removals
    12 × what a random change of this size does · p10 29 → 19, p50 108 → 59, p90 188 → 100
    before 10 |▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▅▃▅▄▄▄▆| 208
    after  10 |██████████▇█            | 208

""")


def test_drawings_do_without_other_characters_where_the_terminal_has_none() -> None:
    before, after = shortened().tallies or (None, None)
    assert before is not None
    assert after is not None
    drawn = histograms.histograms(before, after, histograms.ASCII)
    assert drawn is not None
    assert (drawn.before + drawn.after).isascii()
    assert len(drawn.before) == len(drawn.after)
    assert drawn.after.rstrip() != drawn.before.rstrip()


def test_what_cannot_be_compared_is_one_line_and_a_command() -> None:
    unknown = [
        Movement(
            name, f"{name}@1:0", "share", "lower", "flag", "v3 was not measured", "dslineage x"
        )
        for name in ("pii", "secret")
    ]
    said = text(replace(result(), metrics=tuple(unknown)))
    assert "metrics    not comparable: v3 was not measured\nnext: dslineage x\n" in said
    said = text(replace(result(), metrics=(*unknown, shortened())))
    assert "metrics    pii, secret: not comparable: v3 was not measured\n" in said


def test_nothing_that_data_say_is_obeyed() -> None:
    sides = {HOSTILE: Ratio(1, 20), "b": Ratio(2, 4)}, {HOSTILE: Ratio(9, 20), "b": Ratio(1, 4)}
    slices = by_slice(HOSTILE, *sides)
    assert slices is not None
    movement = replace(spoiled(), slices=(slices,))
    why = Why("bad_chars", 1, (replace(shown(HOSTILE * 3), reason=""),))
    cause = replace(shown(), reason=HOSTILE, others=(HOSTILE,))
    diff = replace(
        result(), metrics=(movement,), why=(why, Why("near_dup", 1, (cause,))), asked=("bad_chars",)
    )
    diff = replace(diff, metrics=(movement, replace(movement, metric="near_dup")))
    for said in (text(diff), diff_markdown.text(diff), metrics_csv.examples(diff)):
        assert not obeyed(said)
        assert "evil" in said


def test_a_sheet_of_metrics_has_numbers_that_can_be_computed_with() -> None:
    lines = list(csv.DictReader(io.StringIO(metrics_csv.moves(moved(spoiled(), shortened())))))
    assert [line["metric"] for line in lines] == ["bad_chars", "target_words"]
    parts = [float(lines[1][name]) for name in ("added", "removed", "edited")]
    assert sum(parts) == float(lines[1]["delta"]) == -50
    assert (lines[0]["examples_from"], lines[0]["examples_to"]) == ("0", "2")
    assert metrics_csv.examples(moved(spoiled())).startswith("metric,influence,change,value_before")
