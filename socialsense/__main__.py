"""`python -m socialsense`."""

from socialsense.cli import main

main()
