"""What is needed to measure gateways side by side: a mock server, a client, and their processes."""
