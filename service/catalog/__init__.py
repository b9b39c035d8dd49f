"""The catalogue: reading input files, building the artifact, loading it."""
