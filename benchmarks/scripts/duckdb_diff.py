"""A keyed diff of two JSONL files with DuckDB: `python duckdb_diff.py [--by-hash] OLD NEW`.

Two records of equal `id` are compared as whole values. `--by-hash` compares a 64-bit hash of their
bytes instead: faster, and blind to what is only written in another way.
"""

from __future__ import annotations

import argparse
import json

import duckdb

BY_VALUE = "(SELECT id, record FROM read_json_auto(?, format = 'newline_delimited') AS record)"
BY_HASH = "(SELECT json->>'$.id' AS id, hash(json::VARCHAR) AS record FROM read_ndjson_objects(?))"
QUERY = """
SELECT count(*) FILTER (old.id IS NOT NULL AND new.id IS NULL) AS removed,
       count(*) FILTER (old.id IS NULL) AS added,
       count(*) FILTER (old.id = new.id AND old.record IS DISTINCT FROM new.record) AS edited
FROM {table} AS old FULL OUTER JOIN {table} AS new ON old.id = new.id
"""

parser = argparse.ArgumentParser()
parser.add_argument("--by-hash", action="store_true")
parser.add_argument("old")
parser.add_argument("new")
options = parser.parse_args()

connection = duckdb.connect(config={"threads": 2})
query = QUERY.format(table=BY_HASH if options.by_hash else BY_VALUE)
row = connection.execute(query, [options.old, options.new]).fetchone()
assert row is not None
print(json.dumps(dict(zip(("removed", "added", "edited"), row, strict=True))))
