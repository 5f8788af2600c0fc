"""Benchmarks of dslineage beside DVC, DuckDB and Oxen: see README.md in this folder."""
