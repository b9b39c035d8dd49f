"""The text as it was sent: words, sentences, quotes, numbers, and how much of it is taken."""
