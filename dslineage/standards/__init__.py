"""Documents in the forms of others: PROV, OpenLineage, CycloneDX, Croissant, cards, drafts."""
