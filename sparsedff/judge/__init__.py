"""Is a grasp held at the right place? The thresholds, what is commanded of the hand, and the verdict."""
