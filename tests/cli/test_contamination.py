"""Items of an evaluation set that slip into training data, from the settings to the report."""

from __future__ import annotations

import contextlib
import random
import re
import subprocess
from pathlib import Path

from tests.cli.conftest import Dslineage

SETTINGS = '[metrics.evals]\ngsm8k-test = "evals/test.jsonl"\n'


def test_half_a_percent_of_an_evaluation_set_is_found_and_its_examples_are_named(
    dslineage: Dslineage, git_repo: Path, shared_data: Path
) -> None:
    items = (shared_data / "gsm8k" / "test.jsonl").read_bytes().splitlines(keepends=True)
    clean = (shared_data / "gsm8k" / "train.jsonl").read_bytes().splitlines(keepends=True)
    draw = random.Random(11)
    leaked = draw.sample(range(len(items)), len(clean) // 200)
    mixed = [*clean, *(items[place] for place in leaked)]
    draw.shuffle(mixed)
    data = git_repo / "train.jsonl"
    with contextlib.chdir(git_repo):
        assert dslineage("init").code == 0
        Path("evals").mkdir()
        Path("evals/test.jsonl").write_bytes(b"".join(items))
        Path("dslineage.toml").write_text(SETTINGS)
        for lines in (clean, mixed):
            data.write_bytes(b"".join(lines))
            assert dslineage("add", "train.jsonl").code == 0
            subprocess.run(["git", "commit", "-qm", "data"], check=True)
        why = ["diff", "v1", "v2", "--why", "contam[gsm8k-test]"]
        document = dslineage(*why, "--limit", "50", "--json").json
        said = dslineage(*why).out
        shown = dslineage("show", "v1", "--json").json["metrics"]["contam[gsm8k-test]"]

    (contam,) = [one for one in document["metrics"] if one["metric"] == "contam[gsm8k-test]"]
    assert shown["value"] == contam["from"] == 2 / len(items), "items 603 and 633, in truth"
    assert contam["to"] == len({*leaked, 602, 632}) / len(items)
    assert contam["better"] == "lower"
    assert contam["added"] == contam["delta"]
    assert contam["edited"] == contam["removed"] == 0
    (reasons,) = document["why"]
    named = {int(found) for found in re.findall(r"of item (\d+) of gsm8k-test", str(reasons))}
    assert named == {place + 1 for place in leaked}
    assert re.search(r"100% of the words of item \d+ of gsm8k-test", said)
