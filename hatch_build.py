"""Compiles what has a form in C, for wheels. Where there is no C compiler, Python does it all."""

from __future__ import annotations

import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_MODULE = Path("dslineage/adapters/native.c")


class CompileHook(BuildHookInterface[Any]):
    """Puts the extension beside its source, where an editable installation finds it, too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before files are collected; `version` is `editable` or `standard`."""
        if self.target_name != "wheel":
            return
        place = _compiled(Path(self.root) / _MODULE)
        if place is None:
            self.app.display_warning("no C compiler: dslineage will take longer to read new rows")
            return
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"cp311-abi3-{platform}"
        build_data["pure_python"] = False
        build_data["artifacts"].append(f"/{place.relative_to(self.root).as_posix()}")


def _compiled(source: Path) -> Path | None:
    """The extension that was made of a source; None, and no older one, where none could be made."""
    from setuptools import Distribution, Extension

    module = Extension(source.stem, [str(source)], py_limited_api=True, optional=True)
    place = source.with_suffix(".abi3.so")
    place.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=source.parent, prefix=".build-") as folder:
        command = Distribution({"ext_modules": [module]}).get_command_obj("build_ext")
        command.build_lib = command.build_temp = folder
        command.ensure_finalized()
        command.run()
        made = Path(folder, place.name)
        return made.rename(place) if made.exists() else None
