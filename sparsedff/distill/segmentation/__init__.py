"""Which pixels show the object: one folder or file a method."""
