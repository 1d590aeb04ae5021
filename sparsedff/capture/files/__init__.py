"""Captures and rigs on disk."""
