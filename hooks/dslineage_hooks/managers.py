"""Who else is in charge of a repository's hooks, and what to write into their files."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from dslineage.errors import UsageError
from dslineage.versions.git import Git
from dslineage_hooks.shim import HOOKS, READERS, STOP

_LEFTHOOK = tuple(
    f"{folder}{dot}lefthook.{kind}"
    for folder, dot in (("", ""), ("", "."), (".config/", ""))
    for kind in ("yml", "yaml", "toml", "json", "jsonc")
)
_FRAMEWORK = (".pre-commit-config.yaml", ".pre-commit-config.yml")
_LOCAL = """\
      - id: dslineage-{hook}
        name: dslineage {hook}
        entry: {entry}
        language: system
        stages: [{hook}]
        always_run: true
        pass_filenames: {files}
        verbose: {talks}
"""


@dataclass(frozen=True, slots=True)
class Manager:
    """Another program, or a setting, that says which hooks run.

    `where` is the file or setting by which it was found; `snippet` is what to write into `into`.
    """

    name: str
    where: str
    into: str
    snippet: str


def manager_of(git: Git) -> Manager | None:
    """Who is in charge; None where git runs what is in its own folder of hooks."""
    own = git.common_dir / "hooks"
    path = _hooks_path(git)
    if path is not None and git.root / Path(path[1]).expanduser() != own:
        return _by_path(git, *path)
    if own.is_symlink():
        folder = str(own.readlink())
        return Manager("a link", f"{own} → {folder}", f"{folder}/", _scripts(folder))
    for name in _LEFTHOOK:
        if (git.root / name).is_file():
            return Manager("lefthook", name, name, _lefthook(Path(name).suffix))
    for name in _FRAMEWORK:
        if (git.root / name).is_file():
            return Manager("pre-commit", name, name, _framework())
    return None


def _hooks_path(git: Git) -> tuple[str, str] | None:
    """Where `core.hooksPath` is set, and to what."""
    try:
        origin, path, *_ = git.ask(
            ["config", "--show-origin", "-z", "--get", "core.hooksPath"]
        ).split(b"\0")
    except UsageError:
        return None
    return os.fsdecode(origin), os.fsdecode(path)


def _by_path(git: Git, origin: str, path: str) -> Manager:
    folder = Path(path).expanduser()
    inside = folder.name == "_" and folder.parent.name == ".husky"
    husky = inside or folder.name == ".husky"
    into = folder.parent if inside else folder
    scope = origin.removeprefix("file:")
    name = "husky" if husky else "core.hooksPath"
    shown = into.relative_to(git.root) if into.is_relative_to(git.root) else into
    return Manager(name, f"core.hooksPath = {path} ({scope})", f"{shown}/", _scripts(str(shown)))


def _line(hook: str, arguments: str = '"$@"') -> str:
    """A line of shell that fails where a commit must not be, and not where dslineage is missing."""
    return f"dslineage hooks run {hook} {arguments} || [ $? -ne {STOP} ]"


def _scripts(folder: str) -> str:
    """A line for each script in a folder of hooks."""
    return "\n".join(f"# in {folder}/{hook}:\n{_line(hook)} || exit 1\n" for hook in HOOKS)


def _lefthook(kind: str) -> str:
    """Commands in the language that the file is written in."""
    commands = {
        hook: {"run": _line(hook, "{0}")} | ({"use_stdin": True} if hook in READERS else {})
        for hook in HOOKS
    }
    match kind:
        case ".json" | ".jsonc":
            each = {hook: {"commands": {"dslineage": one}} for hook, one in commands.items()}
            return json.dumps(each, indent=2) + "\n"
        case ".toml":
            head, member, between = "[{}.commands.dslineage]\n", "{} = {}\n", "\n"
        case _:
            head, member, between = "{}:\n  commands:\n    dslineage:\n", "      {}: {}\n", ""
    return between.join(
        head.format(hook) + "".join(member.format(key, json.dumps(one[key])) for key in one)
        for hook, one in commands.items()
    )


def entry(hook: str) -> str:
    """What the pre-commit framework runs for a hook."""
    return f"sh -c '{_line(hook)}' --"


def _framework() -> str:
    """Hooks as pre-commit.com describes them.

    Only the message's file is handed on. The framework hides what a hook says that stops nothing,
    unless it is asked to be verbose: the later hooks do nothing else.
    """
    hooks = "".join(
        _LOCAL.format(
            hook=hook,
            entry=entry(hook),
            files=str(hook == "prepare-commit-msg").lower(),
            talks=str(hook.startswith("post-")).lower(),
        )
        for hook in HOOKS
    )
    kinds = ", ".join(HOOKS)
    return f"default_install_hook_types: [{kinds}]\nrepos:\n  - repo: local\n    hooks:\n{hooks}"
