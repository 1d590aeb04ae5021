"""The studio's tabs."""
