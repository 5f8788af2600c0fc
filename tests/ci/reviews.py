"""Reviews that nobody made, with hostile text in every place where a pull request can put some."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from dslineage.diff.recorded import RecordedChange, RecordedDiff
from dslineage.diff.result import SchemaChange
from dslineage.ids import Digest
from dslineage.pullrequest.ends import Ends
from dslineage.pullrequest.gateedits import GateEdit, JudgedGate
from dslineage.pullrequest.result import DatasetChange, PullRequest, State, VersionStep
from dslineage.quality.gates import GateResult, Waiver
from dslineage.quality.movement import Movement
from dslineage.records import ClaimRecord, License, Pointer, SourceRecord
from dslineage_hooks.finding import Finding
from dslineage_hooks.review import Review
from tests.cli.results import HOSTILE, results, side, texts
from tests.records.kinds import datasets as dataset_records

MARKDOWN = [
    "](https://evil.example) [x](https://evil.example)",
    "![](https://evil.example/pixel.png)",
    "</details><img src=x onerror=alert(1)>",
    "<!-- x --> --> <script>",
    "```\n# heading\n```",
    "| | a |\n|---|---|",
    "@everyone #1 GH-1 owner/name#2 https://evil.example www.evil.example a@evil.example",
    "x\\|<img src=x>`y\\",
    ":tada: &lt; $x$ ~~y~~ **z** __w__ <https://evil.example>",
    "\n::error file=a::b\n##[error]c\r\n::stop-commands::x",
    "%0A::add-mask::x",
    "]]><x>\ufffe\uffff&amp;\"'",
    "[^1]: note\n[x]: https://evil.example",
]
hostile = st.one_of(
    texts(), st.sampled_from([HOSTILE, *MARKDOWN]), st.lists(st.sampled_from(MARKDOWN)).map("".join)
)
written = hostile.map(lambda text: text.encode(errors="replace").decode())
"""What a record can hold: half a surrogate pair is no JSON."""

counts = st.integers(0, 10**9)
figures = st.none() | st.floats(-1e9, 1e9)
_ID = "dataset:sha256:" + "3fa2c1d9" * 8
_DIGEST = Digest.parse("sha256:" + "0" * 64)


def _pointer(name: str, examples: int) -> Pointer:
    return Pointer(name, "v3", _ID, _DIGEST, examples, ())


pointers = st.builds(_pointer, hostile, counts)
states = st.builds(State, hostile, pointers, st.none())
changes = st.builds(
    RecordedChange,
    counts,
    counts,
    counts,
    counts,
    st.dictionaries(hostile, counts, max_size=2),
    st.lists(st.builds(SchemaChange, st.just("renamed"), hostile, counts, hostile), max_size=2).map(
        tuple
    ),
    st.booleans(),
    st.none() | counts,
)
steps = st.builds(
    lambda record, text, change: VersionStep(replace(record, message=text, author=text), change),
    dataset_records,
    written,
    st.none() | changes,
)
moves = st.builds(
    Movement,
    hostile,
    hostile,
    hostile,
    st.sampled_from(["higher", "lower", "neutral"]),
    st.sampled_from(["flag", "count", "set", "category"]),
    hostile | st.just(""),
    hostile,
    figures,
    figures,
)
recorded_diffs = st.builds(
    RecordedDiff,
    hostile,
    st.builds(side, hostile, counts),
    st.builds(side, hostile, counts),
    st.just(False),
    st.none() | changes,
    st.lists(moves, max_size=3).map(tuple),
    st.lists(hostile, max_size=2).map(tuple),
)
diffs = st.builds(
    lambda diff, told: replace(diff, metrics=tuple(told)), results(), st.lists(moves, max_size=3)
)
waivers = st.builds(Waiver, hostile, hostile, hostile, hostile)
gates = st.builds(
    JudgedGate,
    st.builds(
        GateResult,
        hostile,
        hostile,
        hostile,
        hostile,
        st.sampled_from(["pass", "warn", "fail", "waived", "not comparable"]),
        figures,
        figures,
        hostile,
        hostile,
        hostile,
        hostile,
        st.none() | waivers,
    ),
    st.sampled_from(["both", "base", "head"]),
    st.booleans(),
)
findings = st.builds(Finding, hostile, hostile, hostile, hostile, st.booleans())
_who: dict[str, Any] = {"author": "Ada", "created_at": "2026-01-02T03:04:05Z", "tool": "t"}
sources = st.builds(
    lambda name, text: SourceRecord(
        name=name, uri=text, license=License(text), generator=text, **_who
    ),
    written,
    written,
)
claims = st.builds(
    lambda name, text: ClaimRecord(_ID, name, text, {text: text}, **_who | {"author": text}),
    written,
    written,
)


@st.composite
def dataset_changes(draw: st.DrawFn) -> DatasetChange:
    """Any change of a data set."""
    before, after = draw(
        st.tuples(states, states) | st.tuples(states, st.none()) | st.tuples(st.none(), states)
    )
    diff = draw(st.none() | recorded_diffs | diffs) if before and after else None
    rows = diff.samples if diff is not None and not isinstance(diff, RecordedDiff) else ()
    how = "added" if before is None else "deleted" if after is None else "renamed"
    return DatasetChange(
        before,
        after,
        how,  # type: ignore[arg-type]
        draw(st.lists(steps, max_size=2).map(tuple)),
        diff,
        rows,
        draw(st.lists(gates, max_size=3).map(tuple)),
        None,
        draw(st.just("") | hostile),
    )


def reviews() -> st.SearchStrategy[Review]:
    """Any review."""
    ends = Ends("1" * 40, "2" * 40, "3" * 40)
    edits = st.builds(GateEdit, st.none() | hostile, hostile, hostile, hostile, st.booleans())
    pulls = st.builds(
        PullRequest,
        st.just(ends),
        st.lists(dataset_changes(), max_size=3).map(tuple),
        st.lists(edits, max_size=2).map(tuple),
        st.lists(st.just("metrics.files"), max_size=1).map(tuple),
        st.lists(sources | claims, max_size=2).map(tuple),
        st.lists(hostile, max_size=2).map(tuple),
        hostile,
        st.lists(hostile, max_size=2).map(tuple),
    )
    return st.builds(Review, hostile, hostile, pulls, st.lists(findings, max_size=3).map(tuple))
