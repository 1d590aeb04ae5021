"""The Shadow Hand."""
