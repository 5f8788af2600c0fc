"""JSON texts as nobody would write them: valid ones in odd spelling, and broken ones."""

from __future__ import annotations

import json

from hypothesis import strategies as st

SPACE = st.text(" \t\r\n", max_size=2)
CHARACTERS = st.one_of(
    st.sampled_from('aé:,{}[]"\\/ \x7f\u2028\ud7ff\ue000\uffff😀\U0010ffff\n\t\x00\x1f0.e5-n'),
    st.characters(exclude_categories=["Cs"]),
)
NUMBERS = st.one_of(
    st.integers().map(str),
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(
        ["-0", "0", "0e5", "-0.0", "1E5", "1e400", "1e-400", "9" * 25, "-" + "9" * 400]
    ),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.builds("{}.{}e{}".format, st.integers(), st.integers(0), st.integers(-330, 330)),
)
WORDS = st.sampled_from(["null", "true", "false"])


@st.composite
def strings(draw: st.DrawFn) -> str:
    """A JSON string in which any character may be an escape."""
    text = draw(
        st.one_of(st.sampled_from(["a", "b", "role", "score"]), st.text(CHARACTERS, max_size=6))
    )
    pieces = []
    for character in text:
        escaped = json.dumps(character)[1:-1]
        must = character in '"\\' or character < " "
        spelled = (
            draw(st.sampled_from(["short", "long", "upper"])) if must or draw(st.booleans()) else ""
        )
        if spelled in ("long", "upper"):
            units = character.encode("utf-16-be")
            digits = [units[at : at + 2].hex() for at in range(0, len(units), 2)]
            escaped = "".join("\\u" + (d.upper() if spelled == "upper" else d) for d in digits)
        pieces.append(escaped if spelled else character)
    return '"' + "".join(pieces) + '"'


@st.composite
def objects(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    """An object, with white space, and now and then with a key that stands twice."""
    members = draw(st.lists(st.tuples(strings(), values), max_size=4))
    if members and draw(st.integers(0, 9)) == 0:
        members.append(draw(st.sampled_from(members)))
    spaced = [f"{draw(SPACE)}{key}{draw(SPACE)}:{draw(SPACE)}{value}" for key, value in members]
    return "{" + ",".join(spaced) + draw(SPACE) + "}"


@st.composite
def arrays(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    items = draw(st.lists(values, max_size=4))
    return "[" + ",".join(draw(SPACE) + item + draw(SPACE) for item in items) + "]"


SCALARS = st.one_of(strings(), NUMBERS, WORDS)
VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(objects(inner), arrays(inner)), max_leaves=12
)
RECORDS = objects(VALUES).map(str.encode)


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A record with a few bytes changed, dropped or put in."""
    raw = bytearray(draw(RECORDS))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(raw)))
        put = draw(
            st.sampled_from(
                [b"", b",", b'"', b"\\", b"}", b"1", b".", b"\xff", b"\x00", b"{", b"'"]
            )
        )
        raw[at : at + draw(st.integers(0, 1))] = put
    return bytes(raw)
