"""Floor 6, the front door: command line, settings and wiring."""

__version__ = "0.1.0"
