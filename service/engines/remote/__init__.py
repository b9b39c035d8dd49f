"""What runs against a server behind HTTP."""
