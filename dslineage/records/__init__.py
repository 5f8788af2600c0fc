"""Records and pointers: the small JSON files that git keeps.

A record is immutable and describes one node of the lineage graph; its id is the SHA-256 of its
canonical JSON without the id. A pointer stands next to the data and says which version belongs
there. The normative text is `docs/format.md`, section Records.
"""

from dslineage.records.claim import CLAIM_SCHEMA, ClaimRecord
from dslineage.records.dataset import DATASET_SCHEMA, DatasetRecord
from dslineage.records.fileentry import FileEntry
from dslineage.records.form import checked_name, is_name, name_like, safe_path
from dslineage.records.measurement import MEASUREMENT_SCHEMA, MeasurementRecord
from dslineage.records.media import ListedMedia
from dslineage.records.pointer import POINTER_SCHEMA, POINTER_SUFFIX, Pointer
from dslineage.records.step import STEP_SCHEMA, StepRecord

__all__ = [
    "CLAIM_SCHEMA",
    "DATASET_SCHEMA",
    "MEASUREMENT_SCHEMA",
    "POINTER_SCHEMA",
    "POINTER_SUFFIX",
    "STEP_SCHEMA",
    "ClaimRecord",
    "DatasetRecord",
    "FileEntry",
    "ListedMedia",
    "MeasurementRecord",
    "Pointer",
    "StepRecord",
    "checked_name",
    "is_name",
    "name_like",
    "safe_path",
]
