"""The law of every reader: whatever the bytes, an error of ours with a kind and a message, or a
sound result; never another exception, a crash, a hang, or memory without bound.

`make fuzz` holds the same readers to it for minutes, guided by coverage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.child import Child
from tests.fuzz.edits import Edit, edits
from tests.fuzz.targets import TARGETS

_EXAMPLES = 24
"""For a reader that costs a millisecond; dearer ones are given fewer."""


_NOT_SOUND = {"splits of save_to_disk", "settings in a repository"}
"""Several splits are no data set, and the settings name files that are not there."""


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    one = Child()
    yield one
    one.close()


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_are_refused_by_an_error_of_ours_or_read_soundly(name: str, child: Child) -> None:
    @settings(max_examples=max(2, _EXAMPLES // TARGETS[name].cost))
    @given(seed=st.integers(0, 7), changes=edits)
    def law(seed: int, changes: Sequence[Edit]) -> None:
        found = child.read(name, seed, changes)
        assert found.status != "broke", found.said

    law()


@pytest.mark.parametrize("name", TARGETS)
def test_the_bytes_that_are_edited_are_sound(name: str, child: Child) -> None:
    found = child.read(name, 0, [])
    assert found.status == ("refused" if name in _NOT_SOUND else "sound"), found
