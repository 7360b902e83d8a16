"""One function per page or fragment, one module per noun."""
