"""The hash of a model's tensors depends on nothing but the tensors."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.errors import BadDataError
from dslineage.weights.hashing import hash_model, weights_hash
from tests.weights.saving import Tensor, f32, save, write

MODEL = {"embed.weight": f32(1, 2, 3), "head.bias": f32(-0.5), "norm": f32()}

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).filter(
    lambda name: name != "__metadata__"
)
tensors = st.builds(
    lambda data: Tensor("U8", (len(data),), data), st.binary(max_size=12)
)  # fmt: skip


def test_the_hash_is_that_of_the_canonical_json_of_the_tensors(tmp_path: Path) -> None:
    save(tmp_path / "model.safetensors", {"b": f32(1), "a": Tensor("U8", (2, 1), b"xy")})
    said = {
        "a": {"dtype": "U8", "sha256": hashlib.sha256(b"xy").hexdigest(), "shape": [2, 1]},
        "b": {"dtype": "F32", "sha256": hashlib.sha256(f32(1).data).hexdigest(), "shape": [1]},
    }
    expected = hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()
    assert weights_hash([tmp_path / "model.safetensors"]) is not None
    assert str(weights_hash([tmp_path / "model.safetensors"])) == f"sha256:{expected}"


@given(st.dictionaries(names, tensors, min_size=1, max_size=6), st.data())
def test_a_model_saved_in_any_other_way_has_the_same_hash(
    tmp_path_factory: pytest.TempPathFactory, model: dict[str, Tensor], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("models")
    save(folder / "one.safetensors", model)
    shards: list[dict[str, Tensor]] = [{}, {}, {}]
    for name in data.draw(st.permutations(sorted(model))):
        shards[data.draw(st.integers(0, 2))][name] = model[name]
    for number, shard in enumerate(shards):
        save(
            folder / f"shard-{number}.safetensors",
            shard,
            metadata=data.draw(st.dictionaries(st.just("format"), st.sampled_from(["pt", "np"]))),
            order=data.draw(st.permutations(sorted(shard))),
            padding=data.draw(st.integers(0, 9)),
        )
    assert weights_hash([folder / "one.safetensors"]) == weights_hash(
        [folder / f"shard-{number}.safetensors" for number in (2, 0, 1)]
    )


@pytest.mark.parametrize(
    "other",
    [
        MODEL | {"head.bias": f32(0.5)},
        MODEL | {"head.bias": Tensor("I32", (1,), f32(-0.5).data)},
        MODEL | {"embed.weight": Tensor("F32", (3, 1), f32(1, 2, 3).data)},
        MODEL | {"extra": f32()},
        {"embed.bias" if name == "head.bias" else name: MODEL[name] for name in MODEL},
        {name: MODEL[name] for name in ("embed.weight", "norm")},
    ],
    ids=["value", "type", "shape", "one more", "name", "one less"],
)
def test_any_other_tensor_is_another_model(tmp_path: Path, other: dict[str, Tensor]) -> None:
    save(tmp_path / "a.safetensors", MODEL)
    save(tmp_path / "b.safetensors", other)
    assert weights_hash([tmp_path / "a.safetensors"]) != weights_hash([tmp_path / "b.safetensors"])


def test_a_tied_tensor_that_was_left_out_and_named_counts_as_if_it_were_there(
    tmp_path: Path,
) -> None:
    tied = MODEL | {"lm_head": MODEL["embed.weight"]}
    save(tmp_path / "whole.safetensors", tied)
    save(tmp_path / "tied.safetensors", MODEL, metadata={"lm_head": "embed.weight"})
    assert weights_hash([tmp_path / "whole.safetensors"]) == weights_hash(
        [tmp_path / "tied.safetensors"]
    )


def test_a_checkpoint_that_was_moved_and_renamed_and_saved_again_is_recognised(
    tmp_path: Path,
) -> None:
    save(tmp_path / "checkpoint-20" / "model.safetensors", MODEL)
    (tmp_path / "checkpoint-20" / "config.json").write_text("{}")
    save(tmp_path / "best" / "weights.safetensors", MODEL, order=sorted(MODEL), padding=3)
    first, second = hash_model(tmp_path / "checkpoint-20"), hash_model(tmp_path / "best")
    assert first.weights_hash == second.weights_hash
    assert first.files != second.files


def test_one_name_for_two_tensors_in_two_shards_is_an_error(tmp_path: Path) -> None:
    save(tmp_path / "a.safetensors", {"w": f32(1)})
    save(tmp_path / "b.safetensors", {"w": f32(2)})
    with pytest.raises(BadDataError, match="another tensor 'w'"):
        weights_hash([tmp_path / "a.safetensors", tmp_path / "b.safetensors"])


def _one(**entry: object) -> bytes:
    whole = {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]} | entry
    return json.dumps({"w": whole}).encode()


DAMAGED = {
    "no header": (b"", b"", None),
    "a header longer than the file": (b"{}", b"", 3),
    "a header of more than 100 MB": (b"{}", b"", 1 << 40),
    "a length of 2^64 - 1": (b"{}", b"", (1 << 64) - 1),
    "no JSON": (b"{", b"", None),
    "no object": (b"[]", b"", None),
    "UTF-16": ("{}".encode("utf-16"), b"", None),
    "half a surrogate pair": (_one().replace(b"w", b"\\ud800"), b"abcd", None),
    "a name twice": (_one()[:-1] + b"," + _one()[1:], b"abcd", None),
    "NaN": (b'{"w": NaN}', b"", None),
    "too many brackets": (b"[" * 200_000, b"", None),
    "an integer of 5,000 digits": (b'{"w": %s}' % (b"9" * 5000), b"", None),
    "a tensor that is no object": (b'{"w": 1}', b"", None),
    "no offsets": (b'{"w": {"dtype": "U8", "shape": [4]}}', b"abcd", None),
    "offsets that go backwards": (_one(shape=[], data_offsets=[4, 0]), b"abcd", None),
    "three offsets": (_one(data_offsets=[0, 2, 4]), b"abcd", None),
    "negative offsets": (_one(data_offsets=[-4, 0]), b"abcd", None),
    "offsets behind the end": (_one(data_offsets=[4, 8]), b"abcd", None),
    "offsets that are true": (_one(shape=[1], data_offsets=[False, True]), b"a", None),
    "a negative side": (_one(shape=[-4]), b"abcd", None),
    "a shape of 2^192 elements": (_one(shape=[1 << 62] * 3), b"abcd", None),
    "a million sides": (_one(shape=[9] * 100_000), b"abcd", None),
    "too few bytes for the shape": (_one(shape=[5]), b"abcd", None),
    "bytes of no tensor": (_one(), b"abcde", None),
    "fewer bytes than it says": (_one(), b"abc", None),
    "two tensors over each other": (
        b'{"v": {"dtype": "U8", "shape": [3], "data_offsets": [0, 3]},' + _one()[1:],
        b"abcd",
        None,
    ),
    "metadata that is no text": (b'{"__metadata__": {"format": 1}}', b"", None),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_file_is_one_error_that_names_it(tmp_path: Path, case: str) -> None:
    header, data, length = DAMAGED[case]
    write(tmp_path / "bad.safetensors", header, data, length=length)
    with pytest.raises(BadDataError, match=r"bad\.safetensors is no safetensors file") as caught:
        hash_model(tmp_path)
    assert len(caught.value.message) < 600


def test_a_file_shorter_than_its_length_field_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "bad.safetensors").write_bytes(b"\1\0\0")
    with pytest.raises(BadDataError, match="in a file of 3"):
        hash_model(tmp_path)
