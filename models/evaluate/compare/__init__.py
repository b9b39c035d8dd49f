"""Which model: any number of them, measured alike, in one table."""
