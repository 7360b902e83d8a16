"""The domain of E911 addresses and records."""
