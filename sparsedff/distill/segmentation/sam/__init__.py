"""Segment Anything as a segmenter: prompts from depth, masks from colour."""
