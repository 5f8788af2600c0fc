"""`python -m dslineage_cli`, for where the script is not on the path."""

from dslineage_cli.main import run

run()
