"""Measures of a capture, and whether it can be trusted."""
