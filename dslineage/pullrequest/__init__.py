"""What a pull request does to the data sets of a repository."""
