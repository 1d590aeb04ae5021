"""The refinement network: pairs of views, contrastive training, checkpoints, and what they do to a feature cloud."""
