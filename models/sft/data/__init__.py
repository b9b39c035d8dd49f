"""Instruction data: what shoppers ask, with the answers a model is to learn."""
