"""Metrics of whole sets: duplicates, conflicts, diversity, contamination."""
