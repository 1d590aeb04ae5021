"""Scenes, rays, light and the simulated sensor."""
