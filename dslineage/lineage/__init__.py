"""The lineage graph: sources, steps, versions, mixtures, runs, models, and what is said of them."""
