"""`prepare-commit-msg`: a line on what a commit does to each data set, from records alone.

In an editor the lines are comments, to be kept by taking the mark away: a message that is left
empty still stops the commit. Where the message was given (`-m`, `-F`) they are its last paragraph.
A message of a merge, a squash or an earlier commit (amend, rebase, cherry-pick) is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dslineage.errors import IntegrityError, UsageError
from dslineage.records import POINTER_SUFFIX, DatasetRecord, Pointer
from dslineage.versions.git import Git
from dslineage.versions.tree import Changed, Tree, blobs, staged
from dslineage_hooks.agreement import record_of
from dslineage_hooks.operation import under_way

_EDITED = ("", "template")
_GIVEN = "message"
_FIXES = ("fixup! ", "squash! ", "amend! ")
_SCISSORS = " ------------------------ >8 ------------------------\n"
_KEPT = {"verbatim", "whitespace"}
_COUNTS = ("added", "removed", "edited")


def prepare_commit_msg(git: Git, arguments: Sequence[str]) -> None:
    """Put the lines into the file of the message.

    Args:
        git: the work tree.
        arguments: the file, and where the message comes from, as githooks(5) says.
    """
    path, source, *_ = [*arguments, ""]
    if source not in {*_EDITED, _GIVEN}:
        return
    changes = staged(git, f"**/*{POINTER_SUFFIX}")
    if not changes or under_way(git):
        return
    lines = list(_lines(git, changes))
    file = git.root / path
    message = file.read_bytes().decode(errors="surrogateescape")
    if lines and not message.startswith(_FIXES) and not all(line in message for line in lines):
        text = _given(git, message, lines) if source == _GIVEN else _edited(git, message, lines)
        file.write_bytes(text.encode(errors="surrogateescape"))


def _lines(git: Git, changes: Sequence[Changed]) -> Iterator[str]:
    """What becomes of each data set."""
    tree = Tree(git)
    for change in changes:
        old = _pointer(git, change.before, change.path)
        new = _pointer(git, change.after, change.path)
        if new is None:
            continue
        if old is None:
            moved = any(_is(git, other, new) for other in changes if not other.after)
            if not moved:
                yield f"{new.dataset} {new.version}: {_examples(new.examples)}"
        elif old.id != new.id:
            yield f"{new.dataset} {old.version} → {new.version}{_counts(tree, old, new)}"


def _is(git: Git, change: Changed, pointer: Pointer) -> bool:
    """Whether a pointer that goes is this one, which came at another place."""
    gone = _pointer(git, change.before, change.path)
    return gone is not None and gone.id == pointer.id


def _pointer(git: Git, blob: str, path: str) -> Pointer | None:
    """The pointer in a blob, where there is one that can be read."""
    try:
        return Pointer.from_bytes(next(blobs(git, [blob])), path) if blob else None
    except IntegrityError:
        return None


def _counts(tree: Tree, old: Pointer, new: Pointer) -> str:
    """The counts of a change, where the new record has them against the old version."""
    try:
        record: DatasetRecord | None = record_of(tree, new)
    except IntegrityError:
        record = None
    change: Mapping[str, Any] | None = record.change.get(old.id) if record else None
    if change is None:
        return f": {_examples(new.examples)}"
    counts = [f"{change[name]:,} {name}" for name in _COUNTS if change.get(name)]
    return f": {', '.join(counts) or 'no example changed'} ({_examples(new.examples)})"


def _examples(count: int) -> str:
    return f"{count:,} example{'' if count == 1 else 's'}"


def _given(git: Git, message: str, lines: Sequence[str]) -> str:
    """The message with the lines as its last paragraph, before trailers such as Signed-off-by.

    An empty message stays empty, so that it stops the commit.
    """
    text, ours = message.rstrip(), "\n".join(lines)
    if not text:
        return message
    parse = ["interpret-trailers", "--parse", "--no-divider"]
    if git.ask(parse, stdin=f"{text}\n".encode(errors="surrogateescape")):
        body, _, trailers = text.rpartition("\n\n")
        return f"{body}\n\n{ours}\n\n{trailers}\n"
    return f"{text}\n\n{ours}\n"


def _edited(git: Git, message: str, lines: Sequence[str]) -> str:
    """The message with the lines as comments, before those that git wrote.

    Where git cuts the message below a line (`commit.cleanup`), they stand below it and its two
    lines of explanation; where it keeps comments, nothing is added.
    """
    mark = _setting(git, "core.commentChar")
    mark = "#" if mark in {"", "auto"} else mark
    ours = "".join(
        f"{mark} {line}\n" for line in (*lines, "(dslineage; to keep, take the mark off)")
    )
    own, found, rest = message.partition(f"\n{mark}")
    cleanup = _setting(git, "commit.cleanup")
    if rest.startswith(_SCISSORS):
        explained = rest.split("\n", 3)
        cut, last = "\n".join(explained[:3]), "".join(explained[3:])
        return f"{own}\n{mark}{cut}\n{ours}{last}"
    if cleanup in _KEPT or (cleanup == "scissors" and not found):
        return message
    return f"{own}\n{ours}{mark}\n{mark}{rest}" if found else f"{message.rstrip()}\n\n{ours}"


def _setting(git: Git, name: str) -> str:
    try:
        return git.ask(["config", "--get", name]).decode().strip()
    except UsageError:
        return ""
