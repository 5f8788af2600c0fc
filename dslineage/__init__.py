"""dslineage: versions, semantic diffs and lineage for the data sets that fine-tune models."""
