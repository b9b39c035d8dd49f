"""Tuning on validation data: how much each part of the prior says, which strategy is best."""
