"""End effectors: kinematics, surface points, collision geometry, poses."""
