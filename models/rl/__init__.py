"""Reinforcement: a tuned model learns from what the service's validator says of its own lists."""
