"""What was measured, and the command that measures it again; the results stand in README."""
