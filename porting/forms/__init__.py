"""One form per verb of the port desk."""
