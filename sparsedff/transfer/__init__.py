"""Energy terms, the optimiser and its result."""
