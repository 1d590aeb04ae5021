"""What `import sparsedff` offers, in functions of few arguments; the names stand in sparsedff/__init__.py."""
