"""Lists in a text: their labels, where they begin and end, and which is the one of options."""
