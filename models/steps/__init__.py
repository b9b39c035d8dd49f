"""What the steps that make a model have in common: configuration, output, state, telling."""
