"""IntelePeer's JSON and our DTOs. Pure functions, one module per noun."""
