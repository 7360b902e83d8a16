"""Custom Toll Free's wire words and our DTOs, both ways. Pure functions, one module per noun."""
