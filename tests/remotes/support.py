"""Clones of one repository, and places where their objects can be kept."""

from __future__ import annotations

import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dslineage.remotes.copies import Copy
from tests.versions.support import Bench

DATA = "data/train.jsonl"
ONE = b"".join(b'{"prompt":"q %d","completion":"a %d"}\n' % (i, i) for i in range(600))
TWO = ONE.replace(b'"a 17"', b'"seventeen"') + b'{"prompt":"new","completion":"row"}\n'


class Place(ABC):
    """Where a remote keeps its files: an address, options, and a way behind its back."""

    url: str
    options: Mapping[str, str]

    @abstractmethod
    def names(self) -> list[str]:
        """What it keeps, sorted: `packs/…`."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """The bytes of a file."""

    @abstractmethod
    def write(self, name: str, data: bytes) -> None:
        """Put other bytes there."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Take a file away."""

    def mirror(self, folder: Path) -> Path:
        """All that it keeps, as files in a folder of this machine."""
        for name in self.names():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.read(name))
        return folder

    def copies(self, kind: str) -> list[str]:
        """The files of a kind, sorted."""
        return [name for name in self.names() if name.startswith(f"{kind}/")]

    def object_of(self, name: str) -> str:
        """The object that a file is a copy of."""
        copy = Copy.parse(*name.split("/"))
        assert copy is not None
        return copy.name

    def truncate(self, name: str) -> str:
        """Cut a file in half; the name of the object."""
        data = self.read(name)
        self.write(name, data[: len(data) // 2])
        return self.object_of(name)


@dataclass(frozen=True)
class Folder(Place):
    """A folder on this machine, whatever address it has."""

    url: str
    folder: Path
    options: Mapping[str, str] = field(default_factory=dict)

    def names(self) -> list[str]:
        root = self.folder / "dslineage"
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())

    def read(self, name: str) -> bytes:
        return (self.folder / "dslineage" / name).read_bytes()

    def write(self, name: str, data: bytes) -> None:
        (self.folder / "dslineage" / name).write_bytes(data)

    def remove(self, name: str) -> None:
        (self.folder / "dslineage" / name).unlink()


@dataclass(frozen=True)
class Bucket(Place):
    """A bucket of a server that speaks S3."""

    endpoint: str

    @property
    def url(self) -> str:  # type: ignore[override]
        return "s3://bucket/sets"

    @property
    def options(self) -> Mapping[str, str]:  # type: ignore[override]
        keys = {"access_key_id": "test", "secret_access_key": "test"}
        return {"endpointurl": self.endpoint, "region": "us-east-1", **keys}

    @property
    def client(self) -> Any:
        import boto3

        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1", **keys)

    def names(self) -> list[str]:
        found = self.client.list_objects_v2(Bucket="bucket", Prefix="sets/dslineage/")
        return sorted(one["Key"].removeprefix("sets/dslineage/") for one in found["Contents"])

    def read(self, name: str) -> bytes:
        found = self.client.get_object(Bucket="bucket", Key=f"sets/dslineage/{name}")
        data: bytes = found["Body"].read()
        return data

    def write(self, name: str, data: bytes) -> None:
        self.client.put_object(Bucket="bucket", Key=f"sets/dslineage/{name}", Body=data)

    def remove(self, name: str) -> None:
        self.client.delete_object(Bucket="bucket", Key=f"sets/dslineage/{name}")


def origin(root: Path, *versions: bytes) -> Bench:
    """A repository with some committed versions of one file."""
    bench = Bench.make(root)
    for data in versions:
        bench.commit(DATA, data, workers=1)
    return bench


def join(bench: Bench, place: Place) -> None:
    """Commit where the remote is."""
    bench.repo.remotes.add("storage", place.url, {})
    bench.git("commit", "-q", "-m", "remote")
    if place.options:
        bench.repo.remotes.set("storage", place.options, local=True)


def clone(bench: Bench, root: Path, place: Place | None = None) -> Bench:
    """What `git clone` makes, with the credentials that everybody has to have."""
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["git", "clone", "-q", str(bench.root), str(root)], check=True)
    other = Bench(root)
    if place is not None and place.options:
        other.repo.remotes.set("storage", place.options, local=True)
    return other
