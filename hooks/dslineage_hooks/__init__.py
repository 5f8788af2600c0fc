"""Git hooks and drivers of dslineage."""
