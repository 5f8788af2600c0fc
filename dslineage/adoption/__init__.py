"""Adoption: the states of data that git, Git LFS, DVC or a row of files kept before dslineage."""
