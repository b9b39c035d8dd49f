"""Language models as the offline steps see them: checkpoints, adapters, tokens."""
