"""Installing hooks beside what is there, and taking them away to the byte."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dslineage.errors import ResourceError, UsageError
from dslineage.versions.git import Git
from dslineage_hooks.installing import install, status, uninstall
from dslineage_hooks.shim import ASIDE, HOOKS, READERS, shim
from tests.cli.conftest import Dslineage, dslineage
from tests.hooks.work import POINTER, TWO, Work

__all__ = ["dslineage"]


@pytest.fixture
def bare_work(tmp_path: Path) -> Work:
    """A repository without hooks of ours."""
    return Work.make(tmp_path / "work")


def hooks_of(work: Work) -> dict[str, tuple[bytes, int, bool]]:
    """The folder of hooks: bytes, modes, and what is a link."""
    folder = work.root / ".git" / "hooks"
    return {
        path.name: (path.read_bytes(), path.stat().st_mode, path.is_symlink())
        for path in folder.iterdir()
    }


def write_hook(work: Work, name: str, script: str, mode: int = 0o755) -> Path:
    path = work.root / ".git" / "hooks" / name
    path.write_text(script)
    path.chmod(mode)
    return path


def test_installing_twice_changes_nothing_and_uninstalling_restores_every_byte(
    bare_work: Work,
) -> None:
    write_hook(bare_work, "pre-commit", "#!/bin/sh\necho mine\n", 0o750)
    write_hook(bare_work, "post-merge", "no shebang, not executable", 0o600)
    (bare_work.root / "tool").write_text("#!/bin/sh\nexit 0\n")
    (bare_work.root / ".git/hooks/post-commit").symlink_to("../../tool")
    before = hooks_of(bare_work)
    git = Git(bare_work.root)
    assert install(git).changed == HOOKS
    installed = hooks_of(bare_work)
    assert install(git).changed == ()
    assert hooks_of(bare_work) == installed
    assert uninstall(git).changed == HOOKS
    assert hooks_of(bare_work) == before
    assert uninstall(git).changed == ()


def test_the_hook_that_was_there_runs_first_with_its_arguments_and_its_input(
    bare_work: Work,
) -> None:
    for name in ("post-checkout", "post-rewrite"):
        write_hook(bare_work, name, f'#!/bin/sh\necho "{name} [$*] $(cat)" >> seen\n')
    bare_work.install()
    bare_work.git("checkout", "-qb", "other")
    bare_work.git("commit", "-q", "--amend", "-m", "amended")
    seen = (bare_work.root / "seen").read_text()
    assert seen.startswith("post-checkout [")
    assert f" {bare_work.head()}" in seen.split("post-rewrite [amend]")[1]


def test_the_failure_of_the_hook_that_was_there_is_respected(bare_work: Work) -> None:
    write_hook(bare_work, "pre-commit", "#!/bin/sh\necho no; exit 3\n")
    bare_work.install()
    assert bare_work.tried("commit", "-q", "--allow-empty", "-m", "x").code == 1
    assert bare_work.tried(
        "commit", "-q", "--allow-empty", "-m", "x", env={"DSLINEAGE_SKIP": "1"}
    ).code == 1  # fmt: skip


def test_an_edited_shim_is_named_and_left_alone(bare_work: Work) -> None:
    bare_work.install()
    path = bare_work.root / ".git/hooks/pre-commit"
    path.write_bytes(path.read_bytes() + b"echo mine\n")
    git = Git(bare_work.root)
    assert install(git).edited == ("pre-commit",)
    assert uninstall(git).edited == ("pre-commit",)
    assert [one for one in path.parent.iterdir() if one.suffix != ".sample"] == [path]


def test_a_shim_for_another_interpreter_is_written_anew(bare_work: Work) -> None:
    git = Git(bare_work.root)
    install(git, python="/old/it's a python")
    assert {hook.state for hook in status(git).hooks} == {"outdated"}
    assert install(git).changed == HOOKS


def test_a_hook_that_took_the_place_of_a_shim_is_not_put_aside_over_another(
    bare_work: Work,
) -> None:
    write_hook(bare_work, "pre-commit", "#!/bin/sh\necho first\n")
    bare_work.install()
    path = write_hook(bare_work, "pre-commit", "#!/bin/sh\necho second\n")
    before = hooks_of(bare_work)
    with pytest.raises(UsageError, match="not dslineage's any more"):
        install(Git(bare_work.root))
    assert hooks_of(bare_work) == before
    assert path.exists()


@pytest.mark.parametrize(
    ("path", "scope", "name", "into"),
    [
        ("tools/hooks", "--local", "core.hooksPath", "in tools/hooks/pre-commit:"),
        ("/opt/hooks", "--local", "core.hooksPath", "in /opt/hooks/pre-commit:"),
        ("~/hooks", "--global", "core.hooksPath", "hooks/pre-commit:"),
        (".husky/_", "--local", "husky", "in .husky/pre-commit:"),
        (".husky", "--local", "husky", "in .husky/pre-commit:"),
    ],
)
def test_another_folder_of_hooks_is_respected(
    bare_work: Work,
    dslineage: Dslineage,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    scope: str,
    name: str,
    into: str,
) -> None:
    monkeypatch.chdir(bare_work.root)
    bare_work.git("config", scope, "core.hooksPath", path)
    before = hooks_of(bare_work)
    ran = dslineage("hooks", "install")
    assert ran.code == 2
    assert name in ran.out
    assert into in ran.out
    assert 'dslineage hooks run pre-commit "$@"' in ran.out
    assert hooks_of(bare_work) == before


def test_the_snippet_for_husky_does_what_the_hooks_do(bare_work: Work) -> None:
    bare_work.git("config", "core.hooksPath", ".husky")
    manager = install(Git(bare_work.root)).manager
    assert manager is not None
    for part in manager.snippet.split("\n\n"):
        head, line = part.strip().split("\n")
        where = bare_work.root / head.removeprefix("# in ").rstrip(":")
        where.parent.mkdir(exist_ok=True)
        where.write_text(f"#!/bin/sh\nset -e\n{line}\n")
        where.chmod(0o755)
    record = bare_work.add(TWO)
    bare_work.git("rm", "-q", "--cached", "--", record.path)
    path = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    assert bare_work.tried("commit", "-qm", "half", env=path).code == 1
    without = {"PATH": "/usr/bin:/bin"}
    bare_work.git("commit", "-qm", "half", env=without)
    bare_work.git("checkout", "-q", "HEAD~1", env=without)
    bare_work.restore()
    assert "are not v2" in bare_work.git("checkout", "-q", "main", env=path).said


@pytest.mark.parametrize(
    ("file", "name", "line"),
    [
        (
            "lefthook.yml",
            "lefthook",
            '      run: "dslineage hooks run post-rewrite {0} || [ $? -ne 113 ]"',
        ),
        (
            ".config/lefthook.toml",
            "lefthook",
            'run = "dslineage hooks run pre-commit {0} || [ $? -ne 113 ]"',
        ),
        (
            ".pre-commit-config.yaml",
            "pre-commit",
            "        entry: sh -c 'dslineage hooks run pre-commit \"$@\" || [ $? -ne 113 ]' --",
        ),
    ],
)
def test_managers_of_hooks_get_a_snippet_for_their_own_file(
    bare_work: Work,
    dslineage: Dslineage,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    name: str,
    line: str,
) -> None:
    monkeypatch.chdir(bare_work.root)
    bare_work.write(file, "")
    ran = dslineage("hooks", "install", "--json")
    assert ran.code == 2
    assert ran.json["manager"]["name"] == name
    assert line in ran.json["manager"]["snippet"].splitlines()
    assert not any(hook["state"] == "installed" for hook in ran.json["hooks"])


def test_what_the_pre_commit_framework_says_by_variables_is_read(
    bare_work: Work, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bare_work.root)
    bare_work.branch("more", TWO)
    first = bare_work.head()
    bare_work.git("checkout", "-q", "more")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", first)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", bare_work.head())
    monkeypatch.setenv("PRE_COMMIT_CHECKOUT_TYPE", "1")
    ran = dslineage("hooks", "run", "post-checkout")
    assert ran.code == 0
    assert "the data files of train are not v2" in ran.err
    bare_work.write("message", "given\n")
    bare_work.git("rm", "-q", "--cached", POINTER)
    bare_work.add(b'{"prompt": "p", "response": "r"}\n')
    monkeypatch.setenv("PRE_COMMIT_COMMIT_MSG_SOURCE", "merge")
    assert dslineage("hooks", "run", "prepare-commit-msg", "message").code == 0
    assert bare_work.read("message") == b"given\n"


def test_a_linked_work_tree_shares_the_hooks(bare_work: Work) -> None:
    bare_work.git("worktree", "add", "-q", "../linked", "-b", "linked")
    linked = Git(bare_work.root.parent / "linked")
    assert install(linked).folder == (bare_work.root / ".git" / "hooks").resolve()
    assert {hook.state for hook in status(Git(bare_work.root)).hooks} == {"installed"}


def test_git_s_own_folder_may_be_named_and_may_be_missing(bare_work: Work) -> None:
    shutil.rmtree(bare_work.root / ".git/hooks")
    bare_work.git("config", "core.hooksPath", str(bare_work.root / ".git/hooks"))
    assert install(Git(bare_work.root)).changed == HOOKS
    bare_work.add(TWO)
    bare_work.git("commit", "-qm", "two")
    assert bare_work.message().endswith("1 added (4 examples)")


def test_a_folder_of_hooks_that_is_a_link_is_somebody_s(bare_work: Work) -> None:
    (bare_work.root / ".git/hooks").rename(bare_work.root / "tools")
    (bare_work.root / ".git/hooks").symlink_to("../tools")
    before = hooks_of(bare_work)
    manager = install(Git(bare_work.root)).manager
    assert manager is not None
    assert "# in ../tools/pre-commit:" in manager.snippet
    assert hooks_of(bare_work) == before


def test_a_setting_of_one_work_tree_counts_in_that_one(bare_work: Work) -> None:
    bare_work.git("worktree", "add", "-q", "../linked", "-b", "linked")
    bare_work.git("config", "extensions.worktreeConfig", "true")
    bare_work.git("-C", "../linked", "config", "--worktree", "core.hooksPath", "tools")
    manager = status(Git(bare_work.root.parent / "linked")).manager
    assert manager is not None
    assert manager.into == "tools/"
    assert status(Git(bare_work.root)).manager is None


def test_an_installation_that_was_cut_short_goes_on(bare_work: Work) -> None:
    before = hooks_of(bare_work)
    path = write_hook(bare_work, "pre-commit", "#!/bin/sh\necho mine\n")
    os.link(path, path.with_name(f"pre-commit{ASIDE}"))
    git = Git(bare_work.root)
    install(git)
    assert "mine" in bare_work.git("commit", "-q", "--allow-empty", "-m", "x").said
    uninstall(git)
    assert hooks_of(bare_work).keys() - before.keys() == {"pre-commit"}


def test_a_hook_whose_shim_somebody_removed_comes_back(bare_work: Work) -> None:
    path = write_hook(bare_work, "pre-commit", "#!/bin/sh\necho mine\n")
    before = hooks_of(bare_work)
    bare_work.install()
    path.unlink()
    uninstall(Git(bare_work.root))
    assert hooks_of(bare_work) == before


def test_where_files_can_have_one_name_only_a_hook_is_put_aside_all_the_same(
    bare_work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    write_hook(bare_work, "pre-commit", "#!/bin/sh\necho mine\n")
    before = hooks_of(bare_work)
    bare_work.install()
    assert "mine" in bare_work.git("commit", "-q", "--allow-empty", "-m", "x").said
    uninstall(Git(bare_work.root))
    assert hooks_of(bare_work) == before


def test_a_folder_that_cannot_be_written_is_said(bare_work: Work) -> None:
    shutil.rmtree(bare_work.root / ".git/hooks")
    (bare_work.root / ".git/hooks").write_text("no folder")
    with pytest.raises(ResourceError, match="hooks"):
        install(Git(bare_work.root))


@pytest.mark.parametrize("hook", sorted(READERS))
def test_what_git_says_on_standard_input_reaches_both_to_the_byte(
    bare_work: Work, hook: str, tmp_path: Path
) -> None:
    path = write_hook(bare_work, hook, '#!/bin/sh\ncat > first\necho "$@" "$MINE" >> first\n')
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\ncat > second\n")
    python.chmod(0o755)
    path.rename(path.with_name(f"{hook}{ASIDE}"))
    path.write_bytes(shim(hook, str(python)))
    path.chmod(0o755)
    for said in (b"", b"one two\\n %s three\n", b"line\n" * 50_000):
        subprocess.run(
            [path, "a b", "c"],
            cwd=bare_work.root,
            input=said,
            check=True,
            env={**os.environ, "MINE": "kept"},
        )
        assert bare_work.read("first") == said + b"a b c kept\n"
        assert bare_work.read("second") == said


def test_a_hook_that_does_not_read_its_input_is_heard(bare_work: Work) -> None:
    write_hook(bare_work, "post-rewrite", "#!/bin/sh\nexit 3\n")
    bare_work.install()
    path = bare_work.root / ".git/hooks/post-rewrite"
    done = subprocess.run(
        [path, "amend"], cwd=bare_work.root, input=b"x\n" * 500_000, check=False,
        capture_output=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (3, b"")


def test_status_says_whether_git_shows_and_merges_pointers(
    bare_work: Work, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bare_work.root)
    bare_work.write(".gitattributes", "*.dsl.json text eol=lf\n")
    config = bare_work.read(".git/config")
    assert dslineage("hooks", "status", "--json").json["drivers"] == {
        "settings": "absent",
        "attributes": "absent",
    }
    assert "dslineage hooks install" in dslineage("hooks", "status").out
    assert "installed diff and merge" in dslineage("hooks", "install").out
    assert dslineage("hooks", "status").out.endswith("diff and merge      installed\n")
    bare_work.add(TWO)
    assert "+train v2 (" in bare_work.git("diff", "--cached").said
    bare_work.write(".gitattributes", "*.dsl.json -diff\n")
    bare_work.write(".git/info/attributes", "")
    assert "another driver is named" in dslineage("hooks", "status").out
    dslineage("hooks", "uninstall")
    assert bare_work.read(".git/config") == config
