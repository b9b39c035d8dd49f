"""The small model in the process: its weights, and the loop that decodes."""
