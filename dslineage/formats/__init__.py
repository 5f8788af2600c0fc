"""File formats: where the records of a file are, and what their bytes mean."""
