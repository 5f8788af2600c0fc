"""`python -m dslineage_cli.hook HOOK [ARGUMENT]...`: what the installed shims run.

It loads no option parser, since git waits for it. The talk is on stderr. It ends with `STOP` where
a commit must not be, which no failure of Python ends with, so that a shim can tell them apart.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.errors import DslineageError
from dslineage.versions.git import Git
from dslineage_hooks.moves import has_data_sets, moved_by, staged
from dslineage_hooks.shim import STOP

if TYPE_CHECKING:
    from dslineage_cli.page import Page
    from dslineage_hooks.moves import Moved

SKIP = "DSLINEAGE_SKIP"
_PATHSPECS = tuple(f"GIT_{kind}_PATHSPECS" for kind in ("LITERAL", "GLOB", "NOGLOB", "ICASE"))
"""How git reads the paths of the command line that runs the hook: not how it reads ours."""


def run(hook: str, arguments: Sequence[str]) -> bool:
    """Run a hook; whether git may go on. What keeps it from its work is said, and stops nothing.

    Args:
        hook: its name, as in githooks(5).
        arguments: what git hands to it; where that is nothing, the variables of the pre-commit
            framework are read.
    """
    if os.environ.get(SKIP) == "1":
        return True
    for name in _PATHSPECS:
        os.environ.pop(name, None)
    try:
        return _run(hook, [*arguments, *_of_framework(hook, arguments, os.environ)])
    except (DslineageError, OSError) as error:
        from dslineage_cli.render import hooks

        _say(partial(hooks.broken, hook, error))
        return True


def _run(hook: str, arguments: Sequence[str]) -> bool:
    """Run a hook, loading what it needs only where it has something to do."""
    git = Git.find(Path.cwd())
    match hook:
        case "pre-commit":
            return not has_data_sets(git) or _judged(git)
        case "prepare-commit-msg":
            if staged(git):
                from dslineage_hooks.prepare_commit_msg import prepare_commit_msg

                prepare_commit_msg(git, arguments)
        case "pre-push":
            from dslineage_hooks.pre_push import outgoing

            commits = outgoing(git, arguments[0] if arguments else "", _pushed(os.environ))
            return not commits or _sent(git, commits)
        case _:
            moved = moved_by(git, hook, arguments)
            if moved.pointers:
                _bring_back(git, moved)
    return True


def _judged(git: Git) -> bool:
    from dslineage_hooks.pre_commit import pre_commit

    findings = pre_commit(git, _today())
    if findings:
        from dslineage_cli.render import hooks

        _say(partial(hooks.judged, findings, "git commit"))
    return not any(finding.blocks for finding in findings)


def _sent(git: Git, commits: bytes) -> bool:
    from dslineage_cli.render import hooks
    from dslineage_cli.terminal import Terminal
    from dslineage_hooks.pre_push import pre_push

    with Terminal().progress() as report:
        findings = pre_push(git, commits, report)
    if findings:
        _say(partial(hooks.judged, findings, "git push"))
    return not any(finding.blocks for finding in findings)


def _pushed(environment: Mapping[str, str]) -> Sequence[str]:
    """What git says to `pre-push`, or what the pre-commit framework says in its place."""
    names = ("LOCAL_BRANCH", "TO_REF", "REMOTE_BRANCH", "FROM_REF")
    told = [environment.get(f"PRE_COMMIT_{name}", "") for name in names]
    if all(told):
        return [" ".join(told)]
    return sys.stdin.read().splitlines() if sys.stdin is not None else []


def _bring_back(git: Git, moved: Moved) -> None:
    from dslineage_hooks.afterwards import bring_back

    result = bring_back(git, moved)
    if result.findings or result.restored:
        from dslineage_cli.render import hooks

        _say(partial(hooks.afterwards, result))


def _say(render: Callable[[Page], Page]) -> None:
    """Print on stderr; whether somebody listens has no bearing on what was found."""
    from dslineage_cli.terminal import Terminal

    terminal = Terminal()
    if sys.stderr is not None:
        with suppress(OSError):
            terminal.complain(render(terminal.page()))


def _today() -> str:
    """The day, in UTC; SOURCE_DATE_EPOCH is for builds, not for what may be committed today."""
    return time.strftime("%Y-%m-%d", time.gmtime())


def _of_framework(
    hook: str, arguments: Sequence[str], environment: Mapping[str, str]
) -> Iterator[str]:
    """The arguments that the pre-commit framework says by variables (pre-commit.com)."""
    names = {
        "prepare-commit-msg": ("PRE_COMMIT_COMMIT_MSG_SOURCE",),
        "pre-push": ("PRE_COMMIT_REMOTE_NAME", "PRE_COMMIT_REMOTE_URL"),
        "post-merge": ("PRE_COMMIT_IS_SQUASH_MERGE",),
        "post-checkout": (
            "PRE_COMMIT_FROM_REF",
            "PRE_COMMIT_TO_REF",
            "PRE_COMMIT_CHECKOUT_TYPE",
        ),
        "post-rewrite": ("PRE_COMMIT_REWRITE_COMMAND",),
    }.get(hook, ())
    given = len(arguments) - (hook == "prepare-commit-msg")
    if given <= 0:
        yield from (environment[name] for name in names if name in environment)


if __name__ == "__main__":
    # Nothing is left to be done, so nothing that goes wrong at the end may change the answer.
    os._exit(0 if run(sys.argv[1], sys.argv[2:]) else STOP)
