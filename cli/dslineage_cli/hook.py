"""`python -m dslineage_cli.hook HOOK [ARGUMENT]...`: what the installed shims run.

It loads no option parser, since git waits for it. The talk is on stderr. It ends with `STOP` where
a commit must not be, which no failure of Python ends with, so that a shim can tell them apart.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.errors import DslineageError
from dslineage.versions.git import Git
from dslineage_cli.terminal import Terminal
from dslineage_hooks.shim import STOP

if TYPE_CHECKING:
    from dslineage_hooks.afterwards import Afterwards
    from dslineage_hooks.finding import Finding

SKIP = "DSLINEAGE_SKIP"


def run(hook: str, arguments: Sequence[str]) -> bool:
    """Run a hook; whether git may go on. What keeps it from its work is said, and stops nothing.

    Args:
        hook: its name, as in githooks(5).
        arguments: what git hands to it; where that is nothing, the variables of the pre-commit
            framework are read.
    """
    if os.environ.get(SKIP) == "1":
        return True
    try:
        return _run(hook, [*arguments, *_of_framework(hook, arguments, os.environ)])
    except (DslineageError, OSError) as error:
        from dslineage_cli.render import hooks

        terminal = Terminal()
        terminal.complain(hooks.broken(hook, error, terminal.page()))
        return True


def _run(hook: str, arguments: Sequence[str]) -> bool:
    git = Git.find(Path.cwd())
    match hook:
        case "pre-commit":
            from dslineage_hooks.pre_commit import pre_commit

            return _judged(pre_commit(git, _today()))
        case "prepare-commit-msg":
            from dslineage_hooks.prepare_commit_msg import prepare_commit_msg

            prepare_commit_msg(git, arguments)
        case _:
            _said(_after(git, hook, arguments))
    return True


def _after(git: Git, hook: str, arguments: Sequence[str]) -> Afterwards:
    from dslineage_hooks import afterwards

    match hook:
        case "post-commit":
            return afterwards.post_commit(git)
        case "post-merge":
            return afterwards.post_merge(git, arguments)
        case "post-checkout":
            return afterwards.post_checkout(git, arguments)
        case _:
            return afterwards.post_rewrite(git, arguments)


def _judged(findings: Sequence[Finding]) -> bool:
    stopped = any(finding.blocks for finding in findings)
    if findings:
        from dslineage_cli.render import hooks

        terminal = Terminal()
        terminal.complain(hooks.judged(findings, terminal.page()))
    return not stopped


def _said(result: Afterwards) -> None:
    if result.findings or result.restored:
        from dslineage_cli.render import hooks

        terminal = Terminal()
        terminal.complain(hooks.afterwards(result, terminal.page()))


def _today() -> str:
    """The day, in UTC; SOURCE_DATE_EPOCH is for builds, not for what may be committed today."""
    return time.strftime("%Y-%m-%d", time.gmtime())


def _of_framework(
    hook: str, arguments: Sequence[str], environment: Mapping[str, str]
) -> Iterator[str]:
    """The arguments that the pre-commit framework says by variables (pre-commit.com)."""
    names = {
        "prepare-commit-msg": ("PRE_COMMIT_COMMIT_MSG_SOURCE",),
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
    sys.exit(0 if run(sys.argv[1], sys.argv[2:]) else STOP)
