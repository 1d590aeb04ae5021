"""Sources of RGB-D frames: live cameras, recordings, the simulated rig."""
