"""Scenes to shaded pictures, by rays, without a display."""
