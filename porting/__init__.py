"""The domain of port orders."""
