"""Quality: metrics of examples, their values, and how they move from version to version."""
