"""Forms of E911, a module for each noun."""
