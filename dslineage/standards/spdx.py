"""Names of licences: which are SPDX ids, and what the Hugging Face Hub calls them."""

from __future__ import annotations

_SPDX = (
    "AFL-3.0", "AGPL-3.0-only", "Apache-2.0", "Artistic-2.0", "BSD-2-Clause", "BSD-3-Clause",
    "BSL-1.0", "CC-BY-2.0", "CC-BY-2.5", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-NC-2.0", "CC-BY-NC-3.0",
    "CC-BY-NC-4.0", "CC-BY-NC-ND-3.0", "CC-BY-NC-ND-4.0", "CC-BY-NC-SA-2.0", "CC-BY-NC-SA-3.0",
    "CC-BY-NC-SA-4.0", "CC-BY-ND-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC0-1.0",
    "CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "CDLA-Sharing-1.0", "EUPL-1.1", "EUPL-1.2",
    "GFDL-1.3-only", "GPL-2.0-only", "GPL-3.0-only", "ISC", "LGPL-3.0-only", "MIT", "MPL-2.0",
    "ODbL-1.0", "ODC-By-1.0", "PDDL-1.0", "Unlicense", "WTFPL", "Zlib",
)  # fmt: skip
_BY_NAME = {name.lower(): name for name in _SPDX}
_HUB = {
    "AGPL-3.0-only": "agpl-3.0", "GPL-2.0-only": "gpl-2.0", "GPL-3.0-only": "gpl-3.0",
    "LGPL-3.0-only": "lgpl-3.0", "GFDL-1.3-only": "gfdl", "ODbL-1.0": "odbl",
    "ODC-By-1.0": "odc-by", "PDDL-1.0": "pddl",
}  # fmt: skip


def spdx_id(name: str) -> str | None:
    """The SPDX id that a name is but for case; None where it is none of the common ones."""
    return _BY_NAME.get(name.strip().lower())


def hub_id(name: str) -> str | None:
    """What the Hub calls a licence; None where it has no word for it."""
    spdx = spdx_id(name)
    return None if spdx is None else _HUB.get(spdx, spdx.lower())
