"""Audits: what the lineage and the rows say about models, versions and examples."""
