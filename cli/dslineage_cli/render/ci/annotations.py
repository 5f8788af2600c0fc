"""A review as workflow commands of GitHub Actions, which shows them at the files.

What a command says is escaped as `@actions/core` does it; that a line is one command, and that it
is this one, does not depend on the data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dslineage_cli.render.ci.words import clipped, headline, remarks

if TYPE_CHECKING:
    from dslineage_cli.render.ci.words import Remark
    from dslineage_hooks.review import Review

_LONGEST = 1_000


def text(review: Review) -> str:
    """One line for each remark, the worst first: GitHub shows ten of each level. Then the sum."""
    lines = [_command(remark) for remark in remarks(review)]
    return "".join([*lines, f"::notice title=dslineage::{_data(headline(review))}\n"])


def _command(remark: Remark) -> str:
    title = _property(f"dslineage {remark.kind}")
    said = f"{remark.message} ({remark.hint})" if remark.hint else remark.message
    return f"::{remark.level} file={_property(remark.path)},title={title}::{_data(said)}\n"


def _data(said: str) -> str:
    return clipped(said, _LONGEST).replace("%", "%25")


def _property(said: str) -> str:
    return _data(said).replace(":", "%3A").replace(",", "%2C")
