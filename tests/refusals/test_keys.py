"""Keyed hashes of many digests are those of each."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dslineage.records.forgotten import (
    CONVERSATION,
    EXAMPLE,
    keyed_conversation,
    keyed_example,
    keyed_hash,
)

BYTES = st.binary(min_size=32, max_size=32)


@given(key=BYTES, digest=BYTES)
def test_the_quick_hash_is_the_plain_one(key: bytes, digest: bytes) -> None:
    assert keyed_hash(key, EXAMPLE)(digest) == keyed_example(key, digest)
    assert keyed_hash(key, CONVERSATION)(digest) == keyed_conversation(key, digest)
