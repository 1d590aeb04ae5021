"""The pictures there are."""
