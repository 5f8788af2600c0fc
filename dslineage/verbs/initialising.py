"""Preparing a folder for data sets: its git repository, and the folders of records and objects."""

from __future__ import annotations

from pathlib import Path

from dslineage.errors import NotFoundError
from dslineage.results import InitResult
from dslineage.store.files import resource_errors, sweep, write_file
from dslineage.store.folder import ObjectFolder
from dslineage.versions.git import Git

_ATTRIBUTES = """\
*.dsl.json text eol=lf diff=dslineage merge=dslineage
.dslineage/** text eol=lf
.gitignore merge=union
"""
_README = """# dslineage

This folder holds the records of this repository's data sets: one small JSON file for each version,
named after its id. They belong into git. The data itself is in git's own folder, under
`dslineage/`, and is brought back by `dslineage checkout`.
"""


def initialise(folder: Path) -> InitResult:
    """Prepare a folder; what is there already stays as it is."""
    try:
        git, made = Git.find(folder), False
    except NotFoundError as error:
        if error.kind not in {"no-repository", "no-file"}:
            raise
        git, made = Git.init(folder), True
    git.settle()
    marker = git.root / ".dslineage" / "README.md"
    created = not git.tracked(".dslineage/README.md")  # staged last, whatever was killed before
    if created:
        attributes = git.root / ".gitattributes"
        sweep(attributes)
        sweep(marker)
        before = attributes.read_text() if attributes.exists() else ""
        if _ATTRIBUTES not in before:
            newline = "\n" if before and not before.endswith("\n") else ""
            write_file(attributes, (before + newline + _ATTRIBUTES).encode())
        write_file(marker, _README.encode())
        git.stage([".dslineage/README.md", ".gitattributes"])
    objects = git.common_dir / "dslineage"
    with resource_errors(objects):
        ObjectFolder(objects).prepare()
    return InitResult(git.root, made, created)
