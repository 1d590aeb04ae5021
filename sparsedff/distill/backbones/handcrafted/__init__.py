"""The embedded descriptors: no weights, no download."""
