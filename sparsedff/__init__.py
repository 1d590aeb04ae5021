"""SparseDFF: transfer one demonstrated dexterous grasp to new objects and scenes."""

__version__ = "0.1.0"
