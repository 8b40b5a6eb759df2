"""Floor 5: the pages that people use."""
