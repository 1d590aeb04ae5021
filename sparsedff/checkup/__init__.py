"""`sparsedff check`: facts about a capture, before anybody trusts it."""
