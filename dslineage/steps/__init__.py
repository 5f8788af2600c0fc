"""Steps: a command or a Python function runs, and what it made is recorded with how it was made."""
