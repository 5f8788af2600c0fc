"""What a training notes of itself, without git, a repository or a network.

>>> import dslineage
>>> from dslineage.training import DslineageCallback
>>> data = dslineage.watch(data)
>>> trainer = SFTTrainer(model, train_dataset=data, callbacks=[DslineageCallback()])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dslineage.training.huggingface import DslineageCallback
    from dslineage.training.lightningcallback import LightningCallback
    from dslineage.training.watching import watch

_HOMES = {
    "DslineageCallback": "dslineage.training.huggingface",
    "LightningCallback": "dslineage.training.lightningcallback",
    "watch": "dslineage.training.watching",
}

__all__ = ["DslineageCallback", "LightningCallback", "watch"]


def __getattr__(name: str) -> Any:
    """Load a public name when it is asked for: each callback needs its own framework."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
