"""The command line of dslineage."""
