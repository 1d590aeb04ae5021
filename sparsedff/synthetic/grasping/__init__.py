"""Reference grasps: how they are asked for, found, checked and kept."""
