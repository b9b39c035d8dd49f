"""Questions answered from a text: what is looked for, and the text that it is taken from."""
