"""Readers: a file a layout. Each turns a region of a source into rows or passages."""
