"""A small Instagram of its own, for tests and for trying things by hand."""
