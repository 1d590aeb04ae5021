"""Procedural solids with canonical coordinates."""
