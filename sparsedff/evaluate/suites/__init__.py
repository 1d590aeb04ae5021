"""Named lists of pairs: one file a suite, one line each in the registry."""
