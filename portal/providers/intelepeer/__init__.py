"""IntelePeer: toll-free numbers over its REST interface."""
