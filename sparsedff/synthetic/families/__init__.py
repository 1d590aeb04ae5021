"""Families of everyday things: parameters in, procedural object out, with tasks a hand can do on them."""
