"""Capture to feature cloud: segmentation, 2D features, back-projection, pruning."""
