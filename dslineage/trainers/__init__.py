"""What trainers and trackers leave in files, read without them: it is declared, never run."""
