"""Supervised tuning: instruction data, and a model taught with it."""
