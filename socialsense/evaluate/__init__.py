"""Use cases that measure models on real data."""
