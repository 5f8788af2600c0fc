"""What every record is: an immutable JSON document whose id is made of its content."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import orjson

from dslineage.canonical.jcs import canonical_bytes
from dslineage.ids import Digest
from dslineage.records.form import damaged, newer, pretty, read_document, understood


class Record(ABC):
    """A node of the lineage graph. A kind of record is a frozen dataclass of what it says.

    `kind` is what its id begins with and the name of its folder, `schema` what its document
    begins with.
    """

    __slots__ = ("_id",)

    _id: str
    kind: ClassVar[str]
    schema: ClassVar[str]

    @property
    @abstractmethod
    def stem(self) -> str:
        """Where the record is kept in its kind's folder, without the digits and the suffix."""

    @abstractmethod
    def _members(self) -> dict[str, Any]:
        """What the record says, as JSON values in the order of its document."""

    @classmethod
    @abstractmethod
    def _of(cls, document: Mapping[str, Any]) -> Self:
        """Read what `_members` gave; a KeyError, TypeError or ValueError where it is not that."""

    @classmethod
    def folder(cls) -> str:
        """Where the records of this kind are kept, relative to the repository."""
        return f".dslineage/records/{cls.kind}"

    @property
    def id(self) -> str:
        """`kind:sha256:<hex>` of the canonical JSON without the id; worked out once."""
        try:
            return self._id
        except AttributeError:
            id_ = self._id_of(self._body())
            object.__setattr__(self, "_id", id_)
            return id_

    @property
    def digits(self) -> str:
        """The 64 hex digits of the id."""
        return self.id.rpartition(":")[2]

    @property
    def path(self) -> str:
        """Where the record is kept, relative to the repository."""
        return f"{self.folder()}/{self.stem}-{self.digits[:12]}.json"

    @property
    def file_name(self) -> str:
        """The record's file name."""
        return self.path.rpartition("/")[2]

    def to_dict(self) -> dict[str, Any]:
        """The record as a JSON object."""
        return {"id": self.id, **self._body()}

    def to_bytes(self) -> bytes:
        """The record's file, for people and machines."""
        return pretty(self.to_dict())

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> Self:
        """Read a record's file and check its id.

        Raises:
            IntegrityError: it is no record, was edited, or says what only a newer release knows.
        """
        document = read_document(data, name, cls.schema)
        with understood(name):
            record = cls._of(document)
            if document != orjson.loads(canonical_bytes(record.to_dict())):
                if document["id"] == cls._id_of(document):
                    raise newer(name, document, "has members that this release does not know")
                raise damaged(name, "its content does not match its id: it was edited")
        return record

    @classmethod
    def _id_of(cls, document: Mapping[str, Any]) -> str:
        body = {name: value for name, value in document.items() if name != "id"}
        return f"{cls.kind}:{Digest.of(canonical_bytes(body))}"

    def _body(self) -> dict[str, Any]:
        return {"schema": self.schema, **self._members()}
