"""Public data sets as the offline tools see them: sequences of users, cut by time."""
