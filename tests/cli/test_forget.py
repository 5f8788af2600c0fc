"""`forget` as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from inline_snapshot import snapshot

from tests.cli.conftest import Dslineage
from tests.forgetting.support import OTHERS, SECRET, digest, lines
from tests.versions.support import Bench

SHORT = digest(SECRET)[:12]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Two versions, of which the first has the example twice; the file is that of the second."""
    bench = Bench.make(tmp_path / "repo")
    monkeypatch.chdir(bench.root)
    bench.commit("train.jsonl", lines(SECRET, *OTHERS[:20], SECRET), workers=1)
    bench.commit("train.jsonl", lines(*OTHERS[:20]), workers=1)
    return bench


def test_the_plan_changes_nothing_and_exits_with_1(here: Bench, dslineage: Dslineage) -> None:
    ran = dslineage("forget", SHORT)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out == snapshot("""\
1 example
  sha256:7517cf84cb8c441216fafee7cd29127e596cf560a0c421e10fe598f2514f563b  train@v1

versions that could not be restored whole any more
  train@v1  2 examples

here: 4 objects would be rewritten

to be decided, or looked at
  other: clones, backups, and the caches of training machines  nobody can see them from here
nothing was changed; the same command with --delete does it
""")
    assert here.git("status", "--porcelain") == ""


def test_when_nothing_remains_it_exits_with_0(here: Bench, dslineage: Dslineage) -> None:
    ran = dslineage("forget", SHORT, "--delete")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == snapshot("""\
1 example
  sha256:7517cf84cb8c441216fafee7cd29127e596cf560a0c421e10fe598f2514f563b  train@v1

versions that cannot be restored whole any more
  train@v1  2 examples

here: 4 objects rewritten

to be decided, or looked at
  other: clones, backups, and the caches of training machines  nobody can see them from here
no place that can be seen from here has them any more
next: git commit -m 'Forget examples'
""")
    assert here.git("status", "--porcelain").split() == [
        *("A", ".dslineage/.gitattributes"),
        *("A", ".dslineage/forgotten.json"),
    ]


def test_where_a_file_still_has_it_the_exit_code_is_1(here: Bench, dslineage: Dslineage) -> None:
    here.put("notes/copy.txt", lines(SECRET))
    ran = dslineage("forget", SHORT, "--delete")
    assert ran.code == 1
    assert "file: notes/copy.txt" in ran.out


def test_as_json_it_is_one_document(here: Bench, dslineage: Dslineage) -> None:
    document = dslineage("forget", SHORT, "--delete", "--json").json
    assert document["schema"] == "dslineage.forget/1"
    assert document["examples"] == [
        {
            "digest": f"sha256:{digest(SECRET)}",
            "versions": ["train@v1"],
            "named": True,
            "kept": True,
        }
    ]
    assert (document["deleted"], document["remains"]) == (True, False)
    assert "Quetzalcoatlus" not in str(document)


def test_the_versions_say_what_they_lack(here: Bench, dslineage: Dslineage) -> None:
    dslineage("forget", SHORT, "--delete")
    ran = dslineage("checkout", "v1")
    assert ran.code == 4
    assert "can no longer be restored whole: 2 of its examples were forgotten" in ran.err
    assert dslineage("export", "v1", "-o", "rest.jsonl").code == 4
    ran = dslineage("export", "v1", "-o", "rest.jsonl", "--without-forgotten")
    assert (ran.code, (here.root / "rest.jsonl").read_bytes().count(b"\n")) == (0, 20)
    assert "2 examples were forgotten, and not written" in ran.out
    assert "      forgotten" in dslineage("diff", "v1", "v2", "--rows").out.splitlines()
    assert "forgotten" in dslineage("trace", "--digest", SHORT).out
    assert dslineage("verify").code == 0


def test_doctor_says_that_something_is_still_kept(here: Bench, dslineage: Dslineage) -> None:
    other = here.copy(here.root.with_name("other"))
    dslineage("forget", SHORT, "--delete")
    [key] = (here.objects / "keys").iterdir()
    for name in (".dslineage/forgotten.json", f".git/dslineage/keys/{key.name}"):
        other.put(name, (here.root / name).read_bytes())
    assert "still kept here" not in dslineage("doctor").out
    assert "still kept here" in dslineage("-C", other.root, "doctor").out


def test_without_an_example_and_without_a_list_it_says_what_to_name(
    here: Bench, dslineage: Dslineage
) -> None:
    ran = dslineage("forget")
    assert (ran.code, ran.out) == (6, "")
    assert "hint: dslineage forget DIGEST" in ran.err
