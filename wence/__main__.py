"""`python -m wence`."""

from wence.cli import main

main()
