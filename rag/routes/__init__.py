"""Routes: one kind of answer a module, each with one entry point `answer`."""
