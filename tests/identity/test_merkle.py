"""Hashes over many examples: a multiset's hash, and what a proof can and cannot show."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslineage import merkle
from dslineage.ids import Digest

DIGESTS = st.lists(
    st.one_of(
        st.binary(min_size=32, max_size=32),
        st.sampled_from([bytes(32), b"\xff" * 32, bytes(31) + b"\x01", b"\x10" + bytes(31)]),
    ),
    max_size=40,
)


def array(digests: list[bytes]) -> merkle.Digests:
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32)


def by_the_book(digests: list[bytes]) -> Digest:
    """The content hash, word for word as the normative page has it."""
    level = []
    for bucket in range(4096):
        inside = [one for one in sorted(digests) if int.from_bytes(one[:2], "big") // 16 == bucket]
        level.append(hashlib.sha256(b"\x00" + b"".join(inside)).digest())
    while len(level) > 1:
        level = [
            hashlib.sha256(b"\x01" + level[at] + level[at + 1]).digest()
            for at in range(0, len(level), 2)
        ]
    return Digest.of(b"\x02" + len(digests).to_bytes(8, "big") + level[0])


def some(count: int, seed: int = 1) -> merkle.Digests:
    return np.random.default_rng(seed).integers(0, 256, (count, 32), dtype=np.uint8)


@settings(max_examples=20)
@given(DIGESTS)
def test_the_content_hash_is_what_the_page_says(digests: list[bytes]) -> None:
    assert merkle.content_hash(array(digests)) == by_the_book(digests)


@settings(max_examples=30)
@given(DIGESTS, st.randoms(use_true_random=False), st.integers(0, 40))
def test_order_and_parts_mean_nothing(digests: list[bytes], shuffle: object, cut: int) -> None:
    whole = merkle.content_hash(array(digests))
    mixed = list(digests)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]
    assert merkle.content_hash(array(mixed[:cut]), array(mixed[cut:])) == whole


@settings(max_examples=30)
@given(DIGESTS, DIGESTS)
def test_two_hashes_are_equal_exactly_where_the_multisets_are(
    one: list[bytes], other: list[bytes]
) -> None:
    same = merkle.content_hash(array(one)) == merkle.content_hash(array(other))
    assert same == (Counter(one) == Counter(other))


def test_dropping_one_of_two_equal_examples_changes_the_hash() -> None:
    twice = array([b"a" * 32, b"a" * 32, b"b" * 32])
    assert merkle.content_hash(twice) != merkle.content_hash(twice[1:])


def test_digests_that_share_their_first_eight_bytes_are_sorted_by_the_rest() -> None:
    head = b"\x01" * 8
    digests = [head + bytes([last]) * 24 for last in (9, 1, 5, 9, 0, 255)] + [bytes(32)] * 3
    assert merkle.content_hash(array(digests)) == by_the_book(digests)


@pytest.mark.parametrize("at_once", [1, 7, 1000, 4096])
def test_more_digests_than_are_sorted_at_once_give_the_same_hash(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = some(5000)
    whole = merkle.content_hash(digests)
    proof = merkle.prove(Digest(digests[17].tobytes()), digests)
    monkeypatch.setattr(merkle, "_SORTED_AT_ONCE", at_once)
    monkeypatch.setattr(merkle, "_LOOKED_AT_AT_ONCE", 999)
    assert merkle.content_hash(digests[:1234], digests[1234:]) == whole
    assert merkle.prove(proof.digest, digests[:2], digests[2:]) == proof


def test_a_memory_map_is_hashed_like_an_array(tmp_path: object) -> None:
    path = f"{tmp_path}/digests"
    digests = some(100)
    digests.tofile(path)
    mapped = np.memmap(path, np.uint8, mode="r", shape=(100, 32))
    assert merkle.content_hash(mapped) == merkle.content_hash(digests)


@given(DIGESTS, st.integers(0, 40))
def test_the_order_hash_depends_on_order_and_not_on_chunks(digests: list[bytes], cut: int) -> None:
    chunks = [array(digests[:cut]), array(digests[cut:])]
    assert merkle.order_hash(chunks) == merkle.order_hash([array(digests)])
    backwards = merkle.order_hash([array(digests[::-1])])
    assert (backwards == merkle.order_hash(chunks)) == (digests == digests[::-1])


def test_every_second_row_of_an_array_is_hashed_as_its_bytes() -> None:
    digests = some(10)
    assert merkle.order_hash([digests[::2]]) == merkle.order_hash([digests[::2].copy()])
    assert merkle.content_hash(digests[::2]) == merkle.content_hash(digests[::2].copy())


@settings(max_examples=20)
@given(DIGESTS, st.binary(min_size=32, max_size=32))
def test_a_proof_shows_how_often_a_digest_is_there(digests: list[bytes], absent: bytes) -> None:
    root = merkle.content_hash(array(digests))
    for wanted in [*digests[:3], absent]:
        proof = merkle.prove(Digest(wanted), array(digests))
        assert proof.verify(root)
        assert proof.count == digests.count(wanted)


def test_no_part_of_a_proof_can_be_changed() -> None:
    digests = np.concatenate([some(5000), some(1)])
    wanted = Digest(digests[-1].tobytes())
    proof = merkle.prove(wanted, digests)
    root = merkle.content_hash(digests)
    assert proof.verify(root)
    assert proof.count == 2  # its only other copy is the first of the 5,000

    other = proof.siblings[3][::-1]
    flipped = bytes([proof.bucket[0] ^ 1]) + proof.bucket[1:]
    elsewhere = bytes([wanted.raw[0] ^ 0x80]) + wanted.raw[1:]
    forged = [
        replace(proof, examples=proof.examples + 1),
        replace(proof, examples=-1),
        replace(proof, examples=1 << 64),
        replace(proof, bucket=flipped),
        replace(proof, bucket=proof.bucket[32:]),
        replace(proof, bucket=proof.bucket + bytes(1)),
        replace(proof, siblings=(*proof.siblings[:3], other, *proof.siblings[4:])),
        replace(proof, siblings=proof.siblings[:-1]),
        replace(proof, digest=Digest(elsewhere)),  # the same bucket cannot speak for another
        merkle.prove(wanted, digests[:-1]),
    ]
    assert [one.verify(root) for one in forged] == [False] * len(forged)


def test_an_inner_node_cannot_pass_for_a_bucket() -> None:
    digests = some(3)
    root = merkle.content_hash(digests)
    proof = merkle.prove(Digest(bytes(32)), digests)
    children = hashlib.sha256(b"\x00" + proof.bucket).digest() + proof.siblings[0]
    assert not replace(proof, bucket=children, siblings=proof.siblings[1:]).verify(root)


@given(st.binary(max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_the_bound_between_context_and_record_is_part_of_a_row_id(
    data: bytes, one: int, other: int
) -> None:
    first, second = (merkle.row_id(data[:place], data[place:]) for place in (one, other))
    assert (first == second) == (data[:one] == data[:other])


@given(st.binary(min_size=64, max_size=64), st.integers(1, 63))
def test_the_bounds_between_digests_are_part_of_a_content_hash(data: bytes, shift: int) -> None:
    """Digests that were shifted are others, though their bytes behind one another are the same."""
    both = np.frombuffer(data, np.uint8).reshape(2, 32)
    shifted = np.frombuffer(data[shift:] + data[:shift], np.uint8).reshape(2, 32)
    same = sorted(map(bytes, both)) == sorted(map(bytes, shifted))
    assert (merkle.content_hash(both) == merkle.content_hash(shifted)) == same


def test_a_row_id_binds_the_record_to_what_gives_it_meaning() -> None:
    hasher = merkle.row_hasher(b'{"format":"json"}')
    first, second = hasher.copy(), hasher.copy()
    first.update(b"{}")
    second.update(b"[]")
    assert first.digest() == merkle.row_id(b'{"format":"json"}', b"{}").raw
    assert first.digest() != second.digest()
    assert merkle.row_id(b'{"format":"csv"}', b"{}").raw != first.digest()
