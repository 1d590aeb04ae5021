"""Cameras to captures on disk. Imports no torch: it runs on the camera machine alone."""
