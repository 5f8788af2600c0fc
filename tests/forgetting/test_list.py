"""The deny list: what git keeps of what was forgotten, and who can read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from dslineage.errors import IntegrityError
from dslineage.ids import Digest
from dslineage.records.forgotten import (
    FORGOTTEN,
    DenyList,
    Forgotten,
    keyed_conversation,
    keyed_example,
)
from tests.remotes.support import Folder, clone, join
from tests.versions.support import Bench

FROZEN = Path(__file__).parents[1] / "format" / "fixtures"
KEY, OTHER = bytes(range(32)), bytes(range(32, 64))
ID, OTHER_ID = Digest.of(KEY), Digest.of(OTHER)
HASHES = st.frozensets(st.binary(min_size=32, max_size=32), min_size=1, max_size=5)
LISTS = st.dictionaries(st.sampled_from([ID, OTHER_ID]), HASHES).map(Forgotten)


def written(bench: Bench, *hashes: bytes) -> Forgotten:
    """A deny list in a work tree, committed, with its key."""
    store = bench.repo.store
    store.prepare()
    found = Forgotten({store.put_key(KEY): frozenset(hashes or {bytes(32)})})
    bench.put(FORGOTTEN, found.to_bytes())
    bench.git("add", FORGOTTEN)
    bench.git("commit", "-q", "-m", "forgotten")
    return found


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench.make(tmp_path / "work")


@given(LISTS)
def test_a_list_is_read_as_it_was_written(found: Forgotten) -> None:
    assert Forgotten.from_bytes(found.to_bytes()) == found


def test_a_list_of_empty_arrays_is_refused_before_they_take_memory() -> None:
    data = b'{"schema":"dslineage.forgotten/2","hashes":[%s]}' % b",".join([b"[]"] * 200)
    with pytest.raises(IntegrityError, match="more objects and arrays than a list has"):
        Forgotten.from_bytes(data)


@given(LISTS, LISTS)
def test_the_lines_of_two_sides_together_are_a_list_of_both(
    ours: Forgotten, theirs: Forgotten
) -> None:
    sides = [side.to_bytes().splitlines() for side in (ours, theirs)]
    assert Forgotten.from_bytes(_union(*sides)) == ours.joined(theirs)


def _union(ours: list[bytes], theirs: list[bytes]) -> bytes:
    """What git's union merge makes of two lists that grew from an empty one."""
    grown = [line for line in theirs if line not in ours]
    end = ours.index(b'    ""')
    return b"\n".join([*ours[:end], *grown, *ours[end:]])


@given(LISTS, LISTS)
def test_what_two_lists_share_and_what_they_do_not_is_all(
    ours: Forgotten, theirs: Forgotten
) -> None:
    more = ours.joined(theirs)
    assert more.without(theirs).joined(theirs) == more
    assert len(more.without(ours)) == len(more) - len(ours)
    assert len(more.without(more)) == 0


def test_a_list_has_one_hash_a_line_with_its_key_s_name_and_none_of_the_key() -> None:
    hashes = {
        ID: frozenset([keyed_example(KEY, bytes(32))]),
        OTHER_ID: frozenset([keyed_conversation(OTHER, bytes(32))]),
    }
    text = Forgotten(hashes).to_bytes().decode()
    assert text == snapshot("""\
{
  "schema": "dslineage.forgotten/2",
  "hashes": [
    "sha256:630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd:d931f8f0a072336946e83d57dddad8db6823d5f50ca329825f1c4fe6cb2305c1",
    "sha256:72dbb7336c76780023f83da4c355f2eeea85733b13d3477697917790c1229084:a9399f02b9c2f92b8771dc9479f1119a9e85088fe6c067f605c6870d0c969777",
    ""
  ]
}
""")
    assert KEY.hex() not in text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is not JSON"),
        (b"[]", "it has no schema"),
        (b'{"schema": "dslineage.forgotten/3"}', "unknown-schema"),
        (b'{"schema": "dslineage.forgotten/1", "key": "x", "hashes": [""]}', "not a digest"),
        (b'{"schema": "dslineage.forgotten/1", "hashes": []}', "key"),
        (Forgotten({}).to_bytes().replace(b'""', b'"00"'), "keyed hash"),
        (Forgotten({}).to_bytes().replace(b'""', b"1"), "keyed hash"),
        (Forgotten({}).to_bytes().replace(b'""', b'"x:%s"' % (b"0" * 64)), "not a digest"),
        (b"<<<<<<< ours\n", "merge markers"),
    ],
)
def test_what_is_no_list_is_an_error_that_names_it(data: bytes, why: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        Forgotten.from_bytes(data)
    assert FORGOTTEN in caught.value.message
    assert why in caught.value.message or why == caught.value.kind


def test_a_list_of_the_first_format_is_read_and_its_hashes_are_under_its_key() -> None:
    first, second = ((FROZEN / f"forgotten-{number}.json").read_bytes() for number in (1, 2))
    found = Forgotten.from_bytes(first)
    assert DenyList({ID: KEY}, found).denies(bytes(32), bytes(32))
    assert found.joined(Forgotten.from_bytes(second)) == Forgotten.from_bytes(second)


def test_without_a_list_nothing_is_denied(bench: Bench) -> None:
    assert bench.repo.deny_list is None


def test_examples_and_conversations_are_denied_by_their_digests(bench: Bench) -> None:
    one, other = Digest.of(b"1").raw, Digest.of(b"2").raw
    written(bench, keyed_example(KEY, one), keyed_conversation(KEY, other))
    denied = bench.repo.deny_list
    assert denied is not None
    assert denied.denies(one, bytes(32))
    assert denied.denies(bytes(32), other)
    assert not denied.denies(other, one)


def test_who_has_the_list_and_not_the_key_is_told_to_fetch_it(bench: Bench) -> None:
    written(bench)
    (bench.objects / "keys" / ID.hex).unlink()
    with pytest.raises(IntegrityError) as caught:
        _ = bench.repo.deny_list
    assert (caught.value.kind, caught.value.hint) == ("missing-key", "dslineage fetch")


def test_a_damaged_key_is_an_error(bench: Bench) -> None:
    written(bench)
    (bench.objects / "keys" / ID.hex).write_bytes(bytes(32))
    with pytest.raises(IntegrityError, match="damaged object"):
        _ = bench.repo.deny_list
    assert bench.problems() == [ID.hex]


def test_the_key_goes_to_the_remote_and_comes_back(bench: Bench, tmp_path: Path) -> None:
    pytest.importorskip("dvc", reason="dvc is not installed: pip install 'dslineage[dvc]'")
    folder = Folder(str(tmp_path / "storage"), tmp_path / "storage")
    bench.commit("train.jsonl", b'{"prompt":"q","completion":"a"}\n')
    written(bench)
    join(bench, folder)
    bench.repo.remotes.push()
    other = clone(bench, tmp_path / "clone")
    with pytest.raises(IntegrityError, match="key"):
        _ = other.repo.deny_list
    other.repo.remotes.fetch()
    assert other.repo.deny_list == bench.repo.deny_list


def test_garbage_collection_keeps_the_key(bench: Bench) -> None:
    bench.commit("train.jsonl", b'{"prompt":"q","completion":"a"}\n')
    written(bench)
    bench.git("checkout", "-q", "-b", "other", "HEAD~1")
    bench.repo.gc(delete=True, grace_days=0)
    bench.git("checkout", "-q", "main")
    assert bench.repo.deny_list is not None


def test_a_key_that_no_list_names_is_garbage(bench: Bench) -> None:
    bench.commit("train.jsonl", b'{"prompt":"q","completion":"a"}\n')
    stray = bench.repo.store.put_key(bytes(32))
    assert f"keys/{stray.hex}" in bench.repo.gc(delete=True, grace_days=0).dead
    assert bench.repo.store.key(stray) is None
