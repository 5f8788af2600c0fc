"""The shell script that git runs as a hook, and how it is told from what others wrote."""

from __future__ import annotations

import hashlib
import re
import shlex

VERSION = 2
STOP = 113
"""What the program ends with where a commit must not be: no failure of Python or of the shell."""

ASIDE = ".before-dslineage"
"""What is appended to the name of a hook that was there before."""

HOOKS = (
    "pre-commit",
    "prepare-commit-msg",
    "post-commit",
    "post-merge",
    "post-checkout",
    "post-rewrite",
    "pre-push",
)
"""The hooks that dslineage has, as githooks(5) calls them."""

READERS = frozenset({"post-rewrite", "pre-push"})
"""The hooks to which git says something on standard input."""

_MARK = re.compile(rb"#!/bin/sh\n# dslineage hook ([0-9]+) ([0-9a-f]{64})\n")
_BODY = """\
# Written by `dslineage hooks install`, removed by `dslineage hooks uninstall`.
# What was here before is beside this file, and runs first.
before="${{0%/*}}/{hook}{aside}"
{read}if [ -x "$before" ]; then
  {feed}"$before" "$@" || exit $?
fi
[ "${{DSLINEAGE_SKIP:-}}" = 1 ] && exit 0
python={python}
if [ ! -x "$python" ]; then
  printf 'dslineage: {hook} was left out: %s is gone; next: dslineage hooks install\\n' \\
    "$python" >&2
  exit 0
fi
# As when a virtual environment is activated; and code in the repository is not to be run.
unset PYTHONHOME
case ":${{PYTHONPATH:-}}:" in *:[!/]* | *:"$PWD"*) unset PYTHONPATH ;; esac
{feed}"$python" -P -m dslineage_cli.hook {hook} "$@"{nothing}
case $? in
  0) exit 0 ;;
  {stop}) exit 1 ;;
  *) echo "dslineage: {hook} broke, and stops nothing; next: dslineage doctor" >&2; exit 0 ;;
esac
"""
_READ = """\
input=$(cat)
input() { [ -z "$input" ] || printf '%s\\n' "$input" 2>/dev/null; }
"""


def shim(hook: str, python: str) -> bytes:
    """The script of a hook, with its own checksum, for the interpreter that has dslineage."""
    reads = hook in READERS
    body = _BODY.format(
        aside=ASIDE,
        python=shlex.quote(python),
        hook=hook,
        stop=STOP,
        read=_READ if reads else "",
        feed="input | " if reads else "",
        nothing="" if reads else " </dev/null",
    ).encode()
    checksum = hashlib.sha256(body).hexdigest()
    return f"#!/bin/sh\n# dslineage hook {VERSION} {checksum}\n".encode() + body


def is_ours(data: bytes) -> bool:
    """Whether a script is a shim of any release, edited or not."""
    return _MARK.match(data) is not None


def is_untouched(data: bytes) -> bool:
    """Whether a script is a shim as some release wrote it."""
    found = _MARK.match(data)
    return (
        found is not None and hashlib.sha256(data[found.end() :]).hexdigest().encode() == found[2]
    )
