"""Pictures to the attention they should get; one file each."""
