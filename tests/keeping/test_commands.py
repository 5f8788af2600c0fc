"""`dslineage gc` and `dslineage du`, as people and programs see them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.versions.support import Bench

LINES = [b'{"prompt":"q%d","completion":"a"}\n' % number for number in range(100)]


def said(bench: Bench, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dslineage_cli", *arguments],
        cwd=bench.root,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "100", "NO_COLOR": "1"},
    )
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def test_gc_says_what_it_would_do_and_does_it_when_told(bench: Bench) -> None:
    bench.add("train.jsonl", b"".join(LINES))
    bench.commit("train.jsonl", b"".join(LINES[90:]))
    bench.git("reflog", "expire", "--expire=now", "--all")
    kept = said(bench, "gc").splitlines()
    assert kept[0] == "nothing to delete"
    assert kept[1].endswith("in no version, but written less than 14 days ago")
    foretold = said(bench, "gc", "--grace", "0").splitlines()
    assert foretold[1].startswith("1 pack would be packed anew, leaving out 90 rows of no version")
    assert foretold[-1] == "next: dslineage gc --delete"
    done = said(bench, "gc", "--grace", "0", "--delete")
    assert "1 pack packed anew into 1, leaving out 90 rows of no version" in done
    assert said(bench, "gc", "--grace", "0").splitlines()[0] == "nothing to delete"
    assert said(bench, "verify").endswith("all are as they were written\n")


def test_the_numbers_of_gc_and_du_are_there_for_programs(bench: Bench) -> None:
    bench.commit("train.jsonl", LINES[0])
    bench.add("train.jsonl", LINES[1])
    bench.git("reset", "-q", "--hard")
    used, garbage = (json.loads(said(bench, verb, "--json")) for verb in ("du", "gc"))
    assert (used["schema"], garbage["schema"]) == ("dslineage.du/1", "dslineage.gc/1")
    assert garbage["young"]["objects"] == used["young"]
    assert garbage["young"]["count"] == 5
    assert garbage["kept"]["bytes"] == used["datasets"]["train"]["total"]


def test_v_names_the_objects_behind_the_numbers(bench: Bench) -> None:
    bench.commit("train.jsonl", LINES[0])
    names = [word for word in said(bench, "du", "-v").split() if "/" in word]
    assert len(names) == 5
    assert all((bench.objects / name).is_file() for name in names)


def test_gc_refuses_with_the_code_of_what_is_wrong(bench: Bench) -> None:
    bench.commit("train.jsonl", LINES[0])
    (bench.root / "train.jsonl.dsl.json").write_text("{")
    assert "damaged record" in said(bench, "gc", "--delete", code=4)
