"""Procedural objects with known correspondences, rendered by the simulated rig."""
