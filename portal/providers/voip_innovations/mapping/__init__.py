"""Wire ⇄ DTO, pure functions, one module per domain."""
