"""One FilterSet per list, a module per noun."""
