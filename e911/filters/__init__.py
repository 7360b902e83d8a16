"""Filters of the lists of E911, a module for each list."""
