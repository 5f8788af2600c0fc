"""Which code runs, as any program asks git for it: on a cluster and in a repository alike."""

from __future__ import annotations

from urllib.parse import urlsplit

from dslineage.suffixes import POINTER_SUFFIX

CHANGES = (
    *("-c", "core.quotePath=false", "-c", "diff.suppressBlankEmpty=false", "diff", "HEAD"),
    *("--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--full-index"),
    *("--diff-algorithm=myers", "--indent-heuristic", "--unified=3", "--inter-hunk-context=0"),
    *("--src-prefix=a/", "--dst-prefix=b/", "--no-relative", "-O/dev/null", "--submodule=short"),
    *("--", ":(top)", ":(top,exclude).dslineage", f":(top,exclude,glob)**/*{POINTER_SUFFIX}"),
)
"""What git is asked for the patch that `dirty` is the hash of.

It is the same for everybody, in any folder of a work tree: what a user or a repository set for
`git diff` has no effect.
"""


def public_url(url: str) -> str | None:
    """Where a repository comes from, without the name and password that the address may hold."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    user, at, host = parts.netloc.rpartition("@")
    if parts.scheme in {"http", "https"}:
        return parts._replace(netloc=host, query="", fragment="").geturl()
    if ":" in user:
        return parts._replace(netloc=f"{user.partition(':')[0]}{at}{host}").geturl()
    return url or None
