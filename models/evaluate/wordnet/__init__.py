"""Questions of the competition's kinds, made from WordNet where that is installed.

WordNet is free to use, its licence comes with it, and none of its data is part of this project.
"""
