"""Looking at a messy folder of data files before anything is set up."""
