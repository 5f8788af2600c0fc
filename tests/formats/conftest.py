"""Property tests of this folder write small files, which takes as long as the disk likes."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("files", deadline=None)
settings.load_profile("files")
