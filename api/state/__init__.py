"""What the service keeps beside the index: keys, feedback, the audit of questions."""
