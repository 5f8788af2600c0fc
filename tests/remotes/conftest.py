from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.remotes.servers import SecureShell, secure_shell, simple_storage
from tests.remotes.support import ONE, TWO, Bucket, Folder, Place, join, origin
from tests.versions.support import Bench, ada

pytest.importorskip("dvc", reason="dvc is not installed: pip install 'dslineage[dvc]'")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder on this machine."""
    return Folder(str(tmp_path / "storage"), tmp_path / "storage")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SecureShell]:
    """An OpenSSH server."""
    pytest.importorskip("dvc_ssh", reason="dvc-ssh is not installed: pip install --group remotes")
    with secure_shell(tmp_path / "sshd") as running:
        yield running


@pytest.fixture
def shell_folder(server: SecureShell, tmp_path: Path) -> Folder:
    """A folder behind an OpenSSH server."""
    return Folder(f"{server.url}{tmp_path / 'behind'}", tmp_path / "behind")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """A bucket of an S3 server."""
    pytest.importorskip("dvc_s3", reason="dvc-s3 is not installed: pip install --group remotes")
    with simple_storage(monkeypatch) as endpoint:
        yield Bucket(endpoint)


@pytest.fixture(params=["folder", "shell_folder", "bucket"])
def place(request: pytest.FixtureRequest) -> Place:
    """One place after the other."""
    found: Place = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A repository with two committed versions; not to be changed."""
    with ada():
        return origin(tmp_path_factory.mktemp("two") / "work", ONE, TWO)


@pytest.fixture
def bench(tmp_path: Path, two_versions: Bench, place: Place) -> Bench:
    """A repository with two committed versions, and a remote."""
    made = two_versions.copy(tmp_path / "work")
    join(made, place)
    return made


@pytest.fixture
def here(tmp_path: Path, two_versions: Bench, folder: Folder) -> Bench:
    """The same, with a remote in a folder on this machine."""
    made = two_versions.copy(tmp_path / "work")
    join(made, folder)
    return made
