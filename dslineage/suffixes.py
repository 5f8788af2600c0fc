"""How the names of files end that dslineage writes beside the data of people."""

POINTER_SUFFIX = ".dsl.json"
