"""Whatever decodes what others may have written is reached by a target of the fuzzer.

The places are found in the code, and what targets reach is seen while they read: a reader that
comes without a target fails this test.
"""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

from tests.fuzz.child import run
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
DECODERS = {
    "loads", "load_workbook", "deserialize", "unpack_from", "read_string", "ParquetFile",
    "open_stream", "open_file", "stream_reader", "decompressobj", "ZipFile",
}  # fmt: skip
WITHOUT: Mapping[str, str] = {
    "cli/dslineage_cli/commands/claim.py: _pairs": "words of a command",
    "cli/dslineage_cli/commands/step.py: parameters": "words of a command",
    "dslineage/lineage/claims.py: _plain": "words of a command",
    "cli/dslineage_cli/demo/story.py: chapters": "a file of the program",
    "cli/dslineage_cli/demo/tour.py: document": "what the program just printed",
    "dslineage/merging/rows.py: Rows.examples": "stored rows, which were parsed before",
    "dslineage/quality/custom.py: OwnMetric._failed": "what this process pickled",
    "dslineage/reviewing/splicing.py: _strings": "tokens of a record that was parsed before",
    "dslineage/reviewing/workbook.py: _timeless": "a workbook that was just written",
    "dslineage/training/huggingface.py: _tokenizer_hashes": "a tokenizer of this process",
}
"""What has no target, and why."""
_PARSERS = {"json", "np", "struct", "_FOOTER"}
_DEAR = 30
"""What such targets read, cheaper ones read as well."""

Place = tuple[str, int]
"""A function: its file, and its first line."""


def _decodes(call: ast.Call) -> bool:
    """Whether a call makes values of bytes or texts; `load` and `unpack` are names of ours, too."""
    if not isinstance(call.func, ast.Attribute):
        return isinstance(call.func, ast.Name) and call.func.id in DECODERS
    of = call.func.value
    parser = isinstance(of, ast.Call) or (isinstance(of, ast.Name) and of.id in _PARSERS)
    return call.func.attr in DECODERS or (call.func.attr in {"load", "unpack"} and parser)


def _functions(tree: ast.AST, file: str, above: str = "") -> Iterator[tuple[Place, str, ast.AST]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            name = f"{above}.{node.name}".lstrip(".")
            if isinstance(node, ast.FunctionDef):
                first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                yield (file, first), name, node
            yield from _functions(node, file, name)


def decoding() -> dict[Place, str]:
    """The functions that decode something, by their places."""
    found = {}
    for package in ("dslineage", "cli/dslineage_cli", "hooks/dslineage_hooks"):
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_bytes())
            for place, name, node in _functions(tree, str(path)):
                if any(isinstance(one, ast.Call) and _decodes(one) for one in ast.walk(node)):
                    found[place] = f"{path.relative_to(ROOT)}: {name}"
    return found


def reached() -> set[Place]:
    """The functions that are called while targets read what they accept, and a half of it."""
    found: set[Place] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            found.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))

    for name, target in TARGETS.items():
        if target.cost < _DEAR:
            seeds = target.seeds()[:4]
            threading.setprofile(note)
            sys.setprofile(note)
            for seed in seeds:
                run(name, seed, room=0)
                run(name, seed[: len(seed) // 2], room=0)
            sys.setprofile(None)
            threading.setprofile(None)
    return found


def test_each_place_that_decodes_is_reached_by_a_target_or_says_why_not() -> None:
    places = decoding()
    seen = reached()
    assert {name for place, name in places.items() if place not in seen} == WITHOUT.keys()
