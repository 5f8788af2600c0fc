"""Trust: of just this content at just this path, kept where no clone can bring it along."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dslineage.errors import UntrustedError, UsageError
from dslineage.ids import Digest
from dslineage.quality.trust import Trust


class Place:
    """A repository with a file of code, and the place outside where trust is kept."""

    def __init__(self, folder: Path) -> None:
        self.root, self.kept = folder / "repo", folder / "state" / "trust.json"
        self.root.mkdir()
        self.code = self.root / "metrics.py"
        self.code.write_text("one")

    @property
    def trust(self) -> Trust:
        return Trust(self.kept, self.root)

    def allows(self, path: Path | None = None) -> bool:
        path = path or self.code
        return self.trust.allows(path, Digest.of(path.read_bytes()))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_nothing_is_trusted_before_somebody_says_so(place: Place) -> None:
    assert not place.allows()
    assert not place.kept.exists()
    with pytest.raises(UntrustedError) as caught:
        place.trust.require(place.code, Digest.of(b"one"), "metrics.py")
    assert caught.value.message == "metrics.py was not trusted: nothing in it was run"
    assert caught.value.hint == "read it, then: dslineage trust metrics.py"


def test_trust_is_of_a_content_and_an_edit_asks_again(place: Place) -> None:
    assert place.trust.grant(place.code) == Digest.of(b"one")
    assert place.allows()
    place.trust.require(place.code, Digest.of(b"one"), "metrics.py")
    place.code.write_text("two")
    assert not place.allows()
    with pytest.raises(UntrustedError, match=r"metrics\.py has changed since it was trusted"):
        place.trust.require(place.code, Digest.of(b"two"), "metrics.py")
    place.code.write_text("one")
    assert place.allows()


def test_trust_is_of_a_path_and_a_copy_has_none(place: Place) -> None:
    place.trust.grant(place.code)
    copy = place.root / "copy.py"
    copy.write_text("one")
    assert not place.allows(copy)


def test_a_link_is_the_file_that_it_leads_to(place: Place) -> None:
    place.trust.grant(place.code)
    link = place.root / "link.py"
    link.symlink_to(place.code)
    assert place.allows(link)
    other = place.root / "other.py"
    other.write_text("one")
    link.unlink()
    link.symlink_to(other)
    assert not place.allows(link)


def test_trust_can_be_taken_back_once(place: Place) -> None:
    other = place.root / "other.py"
    other.write_text("other")
    place.trust.grant(place.code)
    place.trust.grant(other)
    assert place.trust.revoke(place.code)
    assert not place.trust.revoke(place.code)
    assert (place.allows(), place.allows(other)) == (False, True)


def test_trust_in_a_file_that_is_gone_can_be_taken_back(place: Place) -> None:
    place.trust.grant(place.code)
    place.code.unlink()
    assert place.trust.revoke(place.code)


def test_what_is_kept_is_sorted_and_says_which_form_it_has(place: Place) -> None:
    for name in ("b.py", "a.py"):
        (place.root / name).write_text(name)
        place.trust.grant(place.root / name)
    document = json.loads(place.kept.read_text())
    assert document["schema"] == "dslineage.trust/1"
    assert [Path(path).name for path in document["trusted"]] == ["a.py", "b.py"]
    assert document["trusted"][str(place.root.resolve() / "a.py")] == str(Digest.of(b"a.py"))


def test_a_file_inside_of_the_repository_counts_for_nothing(place: Place) -> None:
    place.trust.grant(place.code)
    brought = place.root / "trust.json"
    brought.write_bytes(place.kept.read_bytes())
    elsewhere = place.root.parent / "link.json"
    elsewhere.symlink_to(brought)
    for kept in (brought, elsewhere, place.root / "x" / ".." / "trust.json"):
        inside = Trust(kept, place.root)
        assert not inside.allows(place.code, Digest.of(b"one"))
        with pytest.raises(UsageError, match="it is inside of the repository") as caught:
            inside.grant(place.code)
        assert caught.value.kind == "no-trust-file"


def test_without_a_place_nothing_is_trusted_or_kept(place: Place) -> None:
    nowhere = Trust()
    assert not nowhere.allows(place.code, Digest.of(b"one"))
    assert not nowhere.revoke(place.code)
    with pytest.raises(UsageError, match="there is no file in which trust is kept"):
        nowhere.grant(place.code)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"trusted": 1}', '{"schema": "dslineage.trust/1"}']
)
def test_a_damaged_file_is_an_error_and_never_trust(place: Place, content: str) -> None:
    place.kept.parent.mkdir()
    place.kept.write_text(content)
    for ask in (place.allows, lambda: place.trust.grant(place.code)):
        with pytest.raises(UsageError, match="cannot be read") as caught:
            ask()
        assert caught.value.hint == f"rm {place.kept}"
    assert place.kept.read_text() == content


def test_a_file_that_is_not_there_cannot_be_trusted(place: Place) -> None:
    with pytest.raises(UsageError, match="No such file"):
        place.trust.grant(place.root / "none.py")
    assert not place.kept.exists()


def test_a_path_of_any_bytes_can_be_trusted(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/latin \xe9"))
    folder.mkdir()
    place = Place(folder)
    place.trust.grant(place.code)
    assert place.allows()
