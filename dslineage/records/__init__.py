"""Records and pointers: the small JSON files that git keeps.

A record is immutable and describes one node of the lineage graph; its id is the SHA-256 of its
canonical JSON without the id. A pointer stands next to the data and says which version belongs
there. The normative text is `docs/format.md`, section Records.
"""

from dslineage.records.claim import CLAIM_TYPE, ClaimRecord
from dslineage.records.code import Code
from dslineage.records.consumption import Consumed, Prepared
from dslineage.records.dataset import DatasetRecord
from dslineage.records.evidence import Evidence, weakest
from dslineage.records.fileentry import FileEntry
from dslineage.records.form import checked_name, is_name, name_like, safe_path
from dslineage.records.gap import Gap
from dslineage.records.measurement import MeasurementRecord
from dslineage.records.media import ListedMedia
from dslineage.records.mixture import Component, MixtureRecord
from dslineage.records.model import ModelRecord
from dslineage.records.namedfile import NamedFile, files_hash
from dslineage.records.pointer import POINTER_SCHEMA, Pointer
from dslineage.records.record import Record
from dslineage.records.run import Base, RunInput, RunRecord
from dslineage.records.source import CATEGORIES, Category, License, SourceRecord
from dslineage.records.step import StepRecord
from dslineage.suffixes import POINTER_SUFFIX

__all__ = [
    "CATEGORIES",
    "CLAIM_TYPE",
    "POINTER_SCHEMA",
    "POINTER_SUFFIX",
    "Base",
    "Category",
    "ClaimRecord",
    "Code",
    "Component",
    "Consumed",
    "DatasetRecord",
    "Evidence",
    "FileEntry",
    "Gap",
    "License",
    "ListedMedia",
    "MeasurementRecord",
    "MixtureRecord",
    "ModelRecord",
    "NamedFile",
    "Pointer",
    "Prepared",
    "Record",
    "RunInput",
    "RunRecord",
    "SourceRecord",
    "StepRecord",
    "checked_name",
    "files_hash",
    "is_name",
    "name_like",
    "safe_path",
    "weakest",
]
