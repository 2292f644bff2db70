"""Lets ``python -m newsletter`` do what the console script does."""

from newsletter.cli import main

main()
