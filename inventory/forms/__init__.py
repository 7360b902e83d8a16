"""One form per verb, a module per noun."""
