"""Training losses: one file a loss."""
