"""What customers of a shop ask, and whether what they are told may stand."""
