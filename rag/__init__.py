"""Floor 2: a question understood, measures retrieved, an answer composed and grounded."""
