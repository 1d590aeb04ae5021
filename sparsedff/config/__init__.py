"""The configuration: the rooms' settings put together, and key=value changes."""
