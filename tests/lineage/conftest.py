from tests.cli.conftest import dslineage

__all__ = ["dslineage"]
