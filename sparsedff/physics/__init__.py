"""Lift trials: does a grasp hold in a physics engine? Uses the hand, knows nothing of captures and features."""
