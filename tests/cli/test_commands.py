"""Each verb, run on a real repository."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from dslineage_cli.demo.story import chapters
from tests.cli.conftest import Dslineage
from tests.cli.results import HOSTILE, obeyed


@pytest.fixture
def here(support: Path) -> Iterator[Path]:
    """The demo's repository, as the current folder."""
    with contextlib.chdir(support):
        yield support


def test_init_makes_a_git_repository_where_there_is_none(
    dslineage: Dslineage, tmp_path: Path
) -> None:
    ran = dslineage("init", tmp_path / "new", "--json")
    assert (ran.code, ran.json["created_git"]) == (0, True)
    assert (tmp_path / "new" / ".git").is_dir()
    again = dslineage("init", tmp_path / "new")
    assert again.out.startswith("this is a repository already")


def test_the_diff_of_the_last_two_versions_tells_the_story(
    here: Path, dslineage: Dslineage
) -> None:
    document = dslineage("diff", "v3", "v4", "--json").json
    assert document["examples"] == {
        "from": 288, "to": 364, "unchanged": 278, "edited": 8, "removed": 2, "added": 78,
    }  # fmt: skip
    assert document["edits"] == {"response": 8}
    text = dslineage("diff", "v3", "v4").out
    assert text.startswith("support  v3 → v4\n\nrefusal      ·  0 → 6 examples, all by additions")
    assert "\n288 → 364 examples\n" in text
    assert "[-one hour-]{+24 hours+}" in text


@pytest.mark.parametrize(
    "argv",
    [
        ["diff", "support", "v3", "v4"],
        ["diff", "support@v3", "support@v4"],
        ["diff", "HEAD~1", "HEAD"],
    ],
)
def test_two_versions_can_be_named_in_several_ways(
    here: Path, dslineage: Dslineage, argv: list[str]
) -> None:
    assert dslineage(*argv, "--json").json["examples"]["added"] == 78


def test_rows_can_be_chosen_by_kind_change_and_number(here: Path, dslineage: Dslineage) -> None:
    def rows(*options: str) -> list[str]:
        document = dslineage("diff", "v3", "v4", "--json", "--rows", *options).json
        return [row["change"] for row in document["rows"]]

    assert len(rows()) == 88
    assert rows("--kind", "response") == ["edited"] * 8
    assert rows("--only", "removed") == ["removed"] * 2
    assert rows("--only", "added", "--limit", "3") == ["added"] * 3
    assert dslineage("diff", "v3", "v4", "--kind", "colour").code == 2


def test_versions_of_two_data_sets_are_called_by_their_full_names(
    here: Path, dslineage: Dslineage
) -> None:
    lines = Path("support.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    Path("other.jsonl").write_text("".join(lines[5:]), encoding="utf-8")
    dslineage("add", "other.jsonl")
    ran = dslineage("diff", "support", "other")
    assert ran.out.startswith("support@v4 → other@v1\n")
    assert "\nnext: dslineage diff support@v4 other@v1 " in ran.out
    Path("plain.jsonl").write_text("".join(lines[5:]), encoding="utf-8")
    ran = dslineage("diff", "support@v4", "./plain.jsonl")
    assert ran.out.startswith("support@v4 → plain.jsonl\n")
    assert "\nnext: dslineage diff support@v4 ./plain.jsonl " in ran.out
    assert "hint: say which: other@v1\n" in dslineage("show", "v1").err


def test_the_same_seed_draws_the_same_samples(here: Path, dslineage: Dslineage) -> None:
    first, again, other = (dslineage("diff", "v3", "v4", "--seed", s).out for s in "774")
    assert first == again != other


def test_a_diff_is_written_as_markdown_and_as_a_sheet(here: Path, dslineage: Dslineage) -> None:
    assert dslineage("diff", "v3", "v4", "--format", "md").out.startswith("### support v3 → v4\n")
    sheet = dslineage("diff", "v3", "v4", "--format", "csv").out.splitlines()
    assert sheet[0].startswith("change,kinds,")
    assert len(sheet) == 1 + 88


def test_differences_exit_with_1_only_where_asked_for(here: Path, dslineage: Dslineage) -> None:
    assert dslineage("diff", "v3", "v4").code == 0
    assert dslineage("diff", "v3", "v4", "--exit-code").code == 1
    assert dslineage("diff", "v4", "v4", "--exit-code").code == 0
    assert dslineage("diff", "--exit-code").code == 0


def test_the_working_file_is_compared_and_its_next_command_works(
    here: Path, dslineage: Dslineage
) -> None:
    lines = Path("support.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    Path("support.jsonl").write_text("".join(lines[:-3]), encoding="utf-8")
    ran = dslineage("diff")
    assert "3 removed" in ran.out
    (following,) = [line for line in ran.out.splitlines() if line.startswith("next: dslineage ")]
    assert dslineage(*following.removeprefix("next: dslineage ").split()).code == 0


def test_two_files_need_no_repository(dslineage: Dslineage, tmp_path: Path) -> None:
    for number, chapter in enumerate(chapters()[:2], start=1):
        (tmp_path / f"{number}.jsonl").write_text(chapter.jsonl(), encoding="utf-8")
    with contextlib.chdir(tmp_path):
        assert dslineage("diff", "1.jsonl", "2.jsonl", "--json").json["examples"]["removed"] == 30
        assert dslineage("diff", "1.jsonl").code == 6


def test_status_log_show_and_verify_agree(here: Path, dslineage: Dslineage) -> None:
    (status,) = dslineage("status", "--json").json["datasets"]
    shown = dslineage("show", "--json").json
    newest = dslineage("log", "support", "--json").json["versions"][0]
    assert status["state"] == "clean"
    assert shown["id"] == newest["id"]
    assert shown["version"] == "v4"
    assert dslineage("show", "support", "v4", "--json").json == shown
    assert dslineage("verify").out.endswith("all are as they were written\n")
    for verb in ("status", "log", "show"):
        assert "support" in dslineage(verb).out


def test_checkout_restores_a_version_byte_for_byte_and_saves_unrecorded_work(
    here: Path, dslineage: Dslineage
) -> None:
    assert dslineage("checkout", "v1").code == 0
    assert Path("support.jsonl").read_text(encoding="utf-8") == chapters()[0].jsonl()
    Path("support.jsonl").write_text("{}\n", encoding="utf-8")
    refused = dslineage("checkout", "v2")
    assert refused.code != 0
    assert Path("support.jsonl").read_text(encoding="utf-8") == "{}\n"
    assert dslineage("checkout", "v2", "--force").code == 0


def test_export_writes_what_a_diff_counted(here: Path, dslineage: Dslineage) -> None:
    ran = dslineage("export", "v3", "v4", "--only", "added", "-o", "added.jsonl")
    assert ran.code == 0
    assert len(Path("added.jsonl").read_text(encoding="utf-8").splitlines()) == 78
    assert dslineage("export", "v4", "-o", "all.parquet", "--json").json["examples"] == 364
    assert dslineage("export", "v4", "-o", "added.jsonl").code == 2


def test_export_takes_the_name_of_a_data_set_first(here: Path, dslineage: Dslineage) -> None:
    added = ["--only", "added", "-o", "added.jsonl", "--json"]
    assert dslineage("export", "support", "v3", "v4", *added).json["examples"] == 78
    assert dslineage("export", "support", "v4", "-o", "all.csv", "--json").json["examples"] == 364
    assert dslineage("export", "v3", "v4", "-o", "two.jsonl").code == 2


def test_what_comes_next_compares_as_the_diff_did(here: Path, dslineage: Dslineage) -> None:
    ran = dslineage("diff", "v3", "v4", "--ignore", "source", "--key", "id", "--quarantine")
    (following,) = [line for line in ran.out.splitlines() if line.startswith("next: ")]
    assert " --key id --ignore source --quarantine --only added " in following
    assert dslineage(*following.removeprefix("next: dslineage ").split()).code == 0


def test_what_a_diff_of_two_files_says_next_works_without_a_repository(
    dslineage: Dslineage, tmp_path: Path
) -> None:
    for number, chapter in enumerate(chapters()[2:4], start=1):
        (tmp_path / f"{number}.jsonl").write_text(chapter.jsonl(), encoding="utf-8")
    with contextlib.chdir(tmp_path):
        ran = dslineage("diff", "1.jsonl", "2.jsonl")
        (following,) = [
            line for line in ran.out.splitlines() if line.startswith("next: dslineage ")
        ]
        assert dslineage(*following.removeprefix("next: dslineage ").split()).code == 0
        assert len(Path("added.jsonl").read_text(encoding="utf-8").splitlines()) == 78
        assert dslineage("export", "1.jsonl", "-o", "1.parquet", "--json").json["examples"] == 288
        assert dslineage("export", "1.jsonl", "2.jsonl", "-o", "x.jsonl").code == 2
        assert dslineage("export", "1.jsonl", "--only", "added", "-o", "x.jsonl").code == 2
        assert dslineage("export", "nothing.jsonl", "-o", "x.jsonl").code == 6


def test_bad_records_of_files_can_be_put_aside_in_a_diff(
    dslineage: Dslineage, tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n', encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"a": 1}\n{"a":\n', encoding="utf-8")
    with contextlib.chdir(tmp_path):
        assert dslineage("diff", "a.jsonl", "b.jsonl").code == 3
        document = dslineage("diff", "a.jsonl", "b.jsonl", "--quarantine", "--json").json
    assert document["examples"]["unchanged"] == 1
    assert document["to"]["quarantined"] == 1


def test_index_only_is_a_way_to_store(here: Path, dslineage: Dslineage) -> None:
    Path("new.jsonl").write_text('{"a": 1}\n', encoding="utf-8")
    shown = dslineage("add", "new.jsonl", "--index-only", "--json").json["version"]
    assert shown["store"] == "index"
    assert dslineage("add", "new.jsonl", "--index-only", "--store", "rows").code == 2


@pytest.mark.parametrize(
    "options", [["--kind", "response", "--only", "added"], ["--json", "--format", "md"]]
)
def test_options_of_a_diff_that_contradict_each_other_are_refused(
    here: Path, dslineage: Dslineage, options: list[str]
) -> None:
    assert dslineage("diff", "v3", "v4", *options).code == 2


def test_a_scan_says_what_is_in_a_folder_and_what_to_do(
    dslineage: Dslineage, tmp_path: Path
) -> None:
    story = chapters()
    for number, chapter in enumerate(story[1:3], start=1):
        (tmp_path / f"support-v{number}.jsonl").write_text(chapter.jsonl(), encoding="utf-8")
    (tmp_path / "support-test.jsonl").write_text(
        "".join(story[2].jsonl().splitlines(keepends=True)[:20]), encoding="utf-8"
    )
    (tmp_path / "broken.jsonl").write_text("{bad\n", encoding="utf-8")
    with contextlib.chdir(tmp_path):
        ran = dslineage("scan", ".")
    assert ran.code == 0
    assert "4 data files, 596 examples" in ran.out
    assert "1 bad record; line 1: " in ran.out
    assert "support-test.jsonl in support-v2.jsonl: 20 of 20 examples" in ran.out
    assert "next: dslineage diff " in ran.out
    assert len(dslineage("scan", tmp_path, "--json").json["files"]) == 4


def test_an_add_that_changes_nothing_says_so(here: Path, dslineage: Dslineage) -> None:
    assert dslineage("add", "support.jsonl").out.startswith("unchanged: still support v4")


def test_a_file_given_twice_or_with_its_pointer_is_one_file(
    here: Path, dslineage: Dslineage
) -> None:
    for paths in (["support.jsonl"] * 2, ["support.jsonl", "support.jsonl.dsl.json"]):
        assert dslineage("add", *paths).out.startswith("unchanged: still support v4")


@pytest.mark.parametrize("path", [".", ".git", ".dslineage/records", "support.jsonl.dsl.json"])
def test_what_is_no_data_is_not_added(here: Path, dslineage: Dslineage, path: str) -> None:
    ran = dslineage("add", path, "--name", "x")
    assert ran.code == 2
    assert not list(here.rglob("x.dsl.json"))


def test_a_file_outside_of_the_repository_is_not_added(here: Path, dslineage: Dslineage) -> None:
    (here.parent / "other.jsonl").write_text('{"a": 1}\n', encoding="utf-8")
    ran = dslineage("add", "../other.jsonl")
    assert ran.code == 2
    assert f"{here.parent / 'other.jsonl'} is outside" in ran.err.replace("\n       ", " ")


def test_a_folder_with_a_file_of_another_data_set_is_said_to_have_it(
    here: Path, dslineage: Dslineage
) -> None:
    Path("data").mkdir()
    for name in ("a", "b"):
        Path(f"data/{name}.jsonl").write_text(f'{{"{name}": 1}}\n', encoding="utf-8")
    dslineage("add", "data/a.jsonl")
    notices = dslineage("add", "data", "--json").json["notices"]
    assert "data/a.jsonl belongs to the data set a too" in notices


def test_a_draft_that_is_replaced_is_named(here: Path, dslineage: Dslineage) -> None:
    lines = Path("support.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    Path("support.jsonl").write_text("".join(lines[1:]), encoding="utf-8")
    first = dslineage("add", "support.jsonl", "--json").json
    assert first["notices"] == []
    Path("support.jsonl").write_text("".join(lines[2:]), encoding="utf-8")
    (notice,) = dslineage("add", "support.jsonl", "--json").json["notices"]
    short = first["version"]["id"].rsplit(":", 1)[-1][:8]
    assert notice == f"the draft v5 ({short}), which was in no commit, was replaced"


def test_bad_data_exits_with_3_and_names_the_line(here: Path, dslineage: Dslineage) -> None:
    with Path("support.jsonl").open("a", encoding="utf-8") as file:
        file.write("{bad\n")
    ran = dslineage("add", "support.jsonl", "--json")
    assert ran.code == 3
    assert ran.json["faults"][0]["line"] == 365
    assert "support.jsonl:365:" in ran.err
    kept = dslineage("add", "support.jsonl", "--quarantine")
    assert "set apart: 1 record that cannot be read" in kept.out


def test_a_damaged_object_is_named_and_exits_with_4(here: Path, dslineage: Dslineage) -> None:
    packs = list(Path(".git/dslineage").rglob("*.zst"))
    victim = max(packs, key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.chmod(0o644)
    victim.write_bytes(content)
    ran = dslineage("verify")
    assert ran.code == 4
    assert "needed by support@v1" in ran.out


def test_a_column_mapping_must_be_one(here: Path, dslineage: Dslineage) -> None:
    assert dslineage("add", "support.jsonl", "--column", "prompt").code == 2


def test_doctor_finds_this_machine_healthy(here: Path, dslineage: Dslineage) -> None:
    assert dslineage("doctor", "--json").json["healthy"]
    assert "git" in dslineage("doctor").out


def test_doctor_says_what_the_repository_lacks(
    here: Path, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def findings() -> dict[str, dict[str, str]]:
        return {one["name"]: one for one in dslineage("doctor", "--json").json["findings"]}

    assert findings()["versions"]["value"] == "4 versions of 1 data set"
    Path("support.jsonl").unlink()
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    subprocess.run(["git", "config", "user.useConfigOnly", "true"], check=True)
    found = findings()
    assert found["versions"]["hint"] == "dslineage checkout"
    assert found["author"]["state"] == "note"
    Path("support.jsonl.dsl.json").write_text("{", encoding="utf-8")
    assert findings()["versions"]["state"] == "wrong"
    assert dslineage("doctor").code == 9


def test_doctor_needs_no_optional_package(
    dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def version(name: str) -> str:
        if name in {"pandas", "datasets"}:
            raise PackageNotFoundError(name)
        return "1"

    needed = ["typer>=0.16", "pandas>=2.2; extra == 'pandas'"]
    monkeypatch.setattr("dslineage_cli.checkup.version", version)
    monkeypatch.setattr("dslineage_cli.checkup.requires", lambda _: needed)
    ran = dslineage("doctor")
    assert ran.code == 0
    assert "not installed; only the extra [pandas] needs it" in ran.out
    monkeypatch.setattr("dslineage_cli.checkup.requires", lambda _: ["pandas>=2.2"])
    assert dslineage("doctor").code == 9


def test_data_reaches_no_stream_raw(dslineage: Dslineage, git_repo: Path) -> None:
    def line(answer: str) -> str:
        turns = [{"role": "user", "content": HOSTILE}, {"role": "assistant", "content": answer}]
        return json.dumps({"id": "1", HOSTILE: HOSTILE, "messages": turns}) + "\n"

    name = "evil\x1b[2J\u202e.jsonl"
    with contextlib.chdir(git_repo):
        Path(name).write_text(line("one"), encoding="utf-8")
        runs = [dslineage("add", name, "--name", "evil", "-m", HOSTILE)]
        runs.append(dslineage("commit", "-m", HOSTILE))
        Path(name).write_text(line(f"two {HOSTILE}"), encoding="utf-8")
        runs += [
            dslineage(*argv)
            for argv in (
                ["status"], ["log"], ["show"], ["diff"], ["diff", "--rows", "--json"],
                ["diff", "--format", "md"], ["diff", "--format", "csv"], ["verify"],
                ["status", "--json"], ["show", "--json"], ["log", HOSTILE], ["diff", HOSTILE],
                ["show", f"evil@{HOSTILE}"], ["checkout", "v1"], ["export", "v1", "-o", HOSTILE],
                ["diff", "--key", HOSTILE], ["diff", "--ignore", HOSTILE],
                ["diff", "--kind", HOSTILE],
            )
        ]  # fmt: skip
        Path(name).write_text(f'{{"a": "{HOSTILE}"', encoding="utf-8")
        runs.append(dslineage("add", name, "--name", "evil"))
    assert [run.code for run in runs[:2]] == [0, 0]
    assert runs[-1].code == 3
    for run in runs:
        assert run.code != 70
        assert not obeyed(run.out + run.err)


def test_commit_records_every_changed_data_set(here: Path, dslineage: Dslineage) -> None:
    lines = Path("support.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    Path("support.jsonl").write_text("".join(lines[1:]), encoding="utf-8")
    ran = dslineage("commit", "-m", "drop the first", "--json")
    assert [version["version"] for version in ran.json["versions"]] == ["v5"]
    said = subprocess.run(
        ["git", "log", "-1", "--format=%s"], capture_output=True, text=True, check=True
    )
    assert said.stdout == "drop the first\n"
    assert dslineage("commit", "-m", "again").code == 2
