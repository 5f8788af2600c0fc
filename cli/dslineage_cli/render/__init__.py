"""Results as text, Markdown, CSV and JSON: each a pure function of a result object."""
