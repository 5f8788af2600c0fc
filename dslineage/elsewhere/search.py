"""The search over all places that can be seen from a repository, and those that cannot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dslineage.elsewhere.dvc import in_dvc
from dslineage.elsewhere.githistory import in_git
from dslineage.elsewhere.lfs import in_lfs
from dslineage.elsewhere.models import in_models
from dslineage.elsewhere.place import KINDS, Place
from dslineage.elsewhere.seeker import Seeker
from dslineage.elsewhere.workfiles import in_work_trees
from dslineage.errors import IntegrityError
from dslineage.lineage.registry import Registry
from dslineage.versions.git import Git
from dslineage.versions.options import Progress
from dslineage.versions.roots import work_trees

if TYPE_CHECKING:
    from dslineage.elsewhere.wanted import Wanted
    from dslineage.versions.options import Report
    from dslineage.workspace import Workspace


def search(work: Workspace, wanted: Wanted, report: Report | None = None) -> tuple[Place, ...]:
    """Every place outside the store where forgotten examples are, or may be.

    Looked into are the files of all work trees, git's objects, what Git LFS and DVC keep on this
    machine, and DVC's remotes; models are those that the lineage names. Nothing is changed.

    Args:
        work: the repository.
        wanted: the examples.
        report: called as each kind of place is begun.
    """
    found: list[Place] = []
    trees, missing = _trees(work.git)
    with Seeker.of(wanted) as seeker:
        parts = (
            ("work trees", in_work_trees(trees, seeker)),
            ("git", _of_git(trees, seeker)),
            ("Git LFS", in_lfs(work.git, seeker)),
            ("DVC", in_dvc(trees, seeker)),
            ("models", in_models(Registry(work.catalog).graph(), work.store, wanted)),
        )
        for number, (title, places) in enumerate(parts):
            if report is not None:
                report(Progress(f"searching {title}", number, len(parts)))
            found += places
    found += [*missing, *_out_of_sight(work.git)]
    return tuple(sorted(found, key=lambda place: (KINDS.index(place.kind), place.where)))


def _trees(git: Git) -> tuple[list[Git], list[Place]]:
    """The work trees that can be read; of one that cannot, what is wrong."""
    try:
        return work_trees(git), []
    except IntegrityError as error:
        return [git], [Place("file", "other work trees", "unknown", error.message, error.hint)]


def _of_git(trees: Sequence[Git], seeker: Seeker) -> Iterator[Place]:
    try:
        yield from in_git(trees, seeker)
    except IntegrityError as error:
        yield Place("git", "git's objects", "unknown", error.message, error.hint)


def _out_of_sight(git: Git) -> Iterator[Place]:
    """The places that nobody can look into from here."""
    for name in git.ask(["remote"]).decode(errors="surrogateescape").split("\n"):
        if name:
            why = "its history, forks of it and clones of them may have what git had"
            yield Place("clone", f"the git remote {name}", "unknown", why)
    borrowed = git.common_dir / "objects" / "info" / "alternates"
    lines = borrowed.read_text(errors="surrogateescape").split("\n") if borrowed.is_file() else ()
    for folder in filter(None, lines):
        yield Place("clone", folder, "unknown", "this repository borrows git's objects of it")
    why = "nobody can see them from here"
    yield Place("other", "clones, backups, and the caches of training machines", "unknown", why)
