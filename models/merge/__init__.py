"""Models made of others: two checkpoints along an arc, an adapter into its parent."""
