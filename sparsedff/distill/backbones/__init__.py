"""Feature extractors: one folder a kind, one line each in the registry."""
