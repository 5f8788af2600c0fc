"""People's own eyes: samples as sheets, verdicts and edits back from them."""
