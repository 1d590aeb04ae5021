"""BOP data sets: read and written, and the errors and recalls of the BOP challenge. Imports no torch."""
