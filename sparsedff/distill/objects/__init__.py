"""Which of the things that stand in the workspace is the object."""
