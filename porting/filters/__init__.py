"""One filter set per list of the port desk."""
