"""Weights on disk and from the hub."""
