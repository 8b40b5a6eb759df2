"""Writers: who words an answer. A language model may; code decides what of it is said."""
