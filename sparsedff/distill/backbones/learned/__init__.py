"""The learned backbone: a small network of our own whose weights come with the package."""
