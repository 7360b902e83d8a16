"""The domain of numbers: find, buy, hold, route and give back."""
