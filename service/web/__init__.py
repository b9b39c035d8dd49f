"""The playground: one page by which people see what the service does, and its own files."""
