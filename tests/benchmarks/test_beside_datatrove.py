"""The metrics that datatrove has, too."""

from __future__ import annotations

import json

import pytest

from benchmarks.beside_datatrove import NOTES, costs_of


def test_each_tool_is_charged_for_each_line() -> None:
    pytest.importorskip("datatrove")
    pytest.importorskip("spacy")
    said = ("What is the sum of two and two?", "It is four, as anybody can see who counts.")
    roles = ("user", "assistant")
    turns = [{"role": role, "content": text} for role, text in zip(roles, said, strict=True)]
    spent = costs_of([json.dumps({"messages": turns}).encode()] * 3)
    charged = {tool: {name for name, by in spent if by == tool} for tool in ("ours", "datatrove")}
    assert charged == {"ours": set(NOTES), "datatrove": set(NOTES) - {"reading"}}
    assert all(cost >= 0 for cost in spent.values())
