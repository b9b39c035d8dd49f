"""What a model reads and writes, as tokens."""
