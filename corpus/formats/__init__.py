"""Formats: a file a format. Each reads a published file into a `Document`."""
