"""Floor 4: the engine over HTTP."""
