"""Use cases that make weights: one file a model, readable top to bottom."""
