"""dslineage: versions, semantic diffs and lineage for the data sets that fine-tune models.

>>> import dslineage
>>> repo = dslineage.Repository.open(".")
>>> repo.diff("v3", "v4").edited
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dslineage.diff.options import DiffOptions
    from dslineage.diff.result import DiffResult, RowChange
    from dslineage.errors import DslineageError
    from dslineage.files import diff_files, export_files
    from dslineage.ids import Digest
    from dslineage.quality.custom import metric
    from dslineage.quality.judge import judge
    from dslineage.quality.metric import Rate
    from dslineage.repository import Repository
    from dslineage.reviewing.population import SampleOptions
    from dslineage.scanning.scan import scan
    from dslineage.steps.python import step
    from dslineage.training.watching import watch
    from dslineage.verbs.mixing import mixture
    from dslineage.versions.options import ReadOptions

__version__ = "0.1.0"

_HOMES = {
    "DiffOptions": "dslineage.diff.options",
    "DiffResult": "dslineage.diff.result",
    "Digest": "dslineage.ids",
    "DslineageError": "dslineage.errors",
    "Rate": "dslineage.quality.metric",
    "ReadOptions": "dslineage.versions.options",
    "Repository": "dslineage.repository",
    "RowChange": "dslineage.diff.result",
    "SampleOptions": "dslineage.reviewing.population",
    "diff_files": "dslineage.files",
    "export_files": "dslineage.files",
    "judge": "dslineage.quality.judge",
    "metric": "dslineage.quality.custom",
    "mixture": "dslineage.verbs.mixing",
    "scan": "dslineage.scanning.scan",
    "step": "dslineage.steps.python",
    "watch": "dslineage.training.watching",
}

__all__ = [
    "DiffOptions",
    "DiffResult",
    "Digest",
    "DslineageError",
    "Rate",
    "ReadOptions",
    "Repository",
    "RowChange",
    "SampleOptions",
    "__version__",
    "diff_files",
    "export_files",
    "judge",
    "metric",
    "mixture",
    "scan",
    "step",
    "watch",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, so that `import dslineage` costs nothing."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
