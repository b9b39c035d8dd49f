"""Access: who may ask, for whom, how often."""
