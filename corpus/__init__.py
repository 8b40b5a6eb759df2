"""Floor 0: sources, readers, types, departments, places and the ingest report."""
