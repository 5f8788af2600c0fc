"""Edits a file of support conversations: other words, one category less, some asked again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

Example = dict[str, Any]


def edited(examples: list[Example]) -> list[Example]:
    """The examples, with three changes."""
    kept = [one for one in examples if one["category"] != "export"]
    for one in kept:
        answer = one["messages"][-1]
        answer["content"] = answer["content"].replace("Go to Preferences", "Open Preferences")
    again = [json.loads(json.dumps(one)) for one in kept[:12]]
    for number, one in enumerate(again, start=1):
        one["id"] = f"again-{number:02}"
        one["messages"][1]["content"] = f"Once more: {one['messages'][1]['content']}"
    return [*kept, *again]


if __name__ == "__main__":
    path = Path(sys.argv[1])
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    written = (json.dumps(one, ensure_ascii=False) + "\n" for one in edited(lines))
    path.write_text("".join(written), encoding="utf-8")
