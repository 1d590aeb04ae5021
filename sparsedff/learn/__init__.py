"""Training of the learned backbone on the procedural families, whose correspondence is known."""
