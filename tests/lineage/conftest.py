from tests.cli.browser import chromium
from tests.cli.conftest import dslineage

__all__ = ["chromium", "dslineage"]
