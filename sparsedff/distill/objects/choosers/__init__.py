"""How the object is chosen among things: a file a rule."""
