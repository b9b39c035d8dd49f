"""What the asker orders: to choose, how many, in an order, in how many words."""
