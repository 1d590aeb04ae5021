"""Readers of files that nobody vouches for: one for each format, bounded in size, errors in one line."""
