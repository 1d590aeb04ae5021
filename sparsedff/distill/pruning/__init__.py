"""Pruning rules: one file a rule."""
