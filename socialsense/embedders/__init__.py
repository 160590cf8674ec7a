"""Pictures to vectors whose similarity means something; one file each."""
