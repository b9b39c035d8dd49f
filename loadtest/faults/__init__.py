"""A service under load while what it needs is killed, slowed and cut; what was lost is counted."""
