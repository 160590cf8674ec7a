"""What was measured, and the command that measures it again. Results: RESULTS.md."""
