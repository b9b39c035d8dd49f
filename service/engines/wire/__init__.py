"""What travels between gateway and plugin."""
