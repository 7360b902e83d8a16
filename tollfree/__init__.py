"""The domain of RespOrg operations."""
