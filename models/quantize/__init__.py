"""Models in 4 bits: made by AWQ, calibrated on prompts as they are served, and read back."""
