"""Custom Toll Free: toll-free numbers, records and RespOrg operations over its XML interface."""
