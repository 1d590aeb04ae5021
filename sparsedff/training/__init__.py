"""Commands of the refinement network: read captures, train, measure. Below them is `sparsedff.refine`."""
