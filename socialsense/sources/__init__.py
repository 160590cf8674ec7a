"""Where profiles and posts come from; one file each, none imports another."""
