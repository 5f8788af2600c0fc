"""Git hooks of dslineage, and their installer."""
