"""Damaged records against one build of `native.c`: `hammer.py EXTENSION ROUNDS SEED`.

Built with sanitizers, it ends at the first byte that is read or written where none should be.
"""

from __future__ import annotations

import importlib.util
import json
import random
import sys
from types import ModuleType

_CHAT = {
    "id": "a",
    "n": 17,
    "tags": ["a", {"role": "b", "c": "d"}, "e", -3, 0, True, None],
    "messages": [
        {"role": "user", "content": 'Hé \\ " \n 😀\x01'},
        {"role": "assistant", "content": "x" * 300},
    ],
}
_SEEDS = [
    json.dumps(_CHAT).encode(),
    json.dumps(_CHAT, ensure_ascii=False).encode(),
    json.dumps({"instruction": "a\u2028b", "input": "", "output": "/😀"}).encode(),
    rb'{"messages":[{"role":"user","content":"a\/b\u0041\ud83d\ude00"}]}',
]
_TOKENS = [
    b'"', b"\\", b"\\u", b"\\ud800", b"\\udc00", b"\\u0000", b"{", b"}", b":", b",", b"[", b"]",
    b"0", b"-", b"1e5", b"9" * 15, b"\0", b"\n", b"\xff", "😀".encode(), b'"role":', b'""',
    b"\x7f0\x7f", b"true", b"null", b"x" * 5000, b"[1," * 600,
]  # fmt: skip


def damaged(record: bytes, chance: random.Random) -> bytes:
    """A record with a few bytes put in, taken out, changed or cut off."""
    data = bytearray(record)
    for _ in range(chance.randint(1, 4)):
        at, kind = chance.randint(0, len(data)), chance.random()
        if kind < 0.4:
            data[at:at] = chance.choice(_TOKENS)
        elif kind < 0.7:
            del data[at : at + chance.randint(1, 6)]
        elif kind < 0.9:
            data[at : at + 1] = chance.randbytes(1)
        else:
            del data[at:]
    return bytes(data)


def built(extension: str) -> ModuleType:
    """A build, in the place of the one that is installed."""
    spec = importlib.util.spec_from_file_location("native", extension)
    assert spec is not None
    assert spec.loader is not None
    sys.modules["dslineage.adapters.native"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(extension: str, rounds: int, seed: int) -> None:
    """Press and fold records; those with a stencil are what they are by themselves."""
    native = built(extension)
    from dslineage.adapters.alpaca import Alpaca
    from dslineage.adapters.messages import Messages
    from tests.adapters.pressing import Pressing

    pressings = [Pressing(Messages(), "id"), Pressing(Alpaca())]
    chance, pressed = random.Random(seed), 0
    for _ in range(rounds):
        records = [chance.choice(_SEEDS)]
        records += [damaged(chance.choice(records), chance) for _ in range(4)]
        for record in records:
            native.press(record, {}, b"role")
            native.fold(record)
        pressed += chance.choice(pressings).agree(records)
    print(pressed)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
