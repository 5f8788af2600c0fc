"""DVC beside dslineage: the `.dvc` files of data sets, and how they are kept right."""
