"""Strict stand-ins for the REST providers: they answer nothing that a reference does not allow.

Written from the provider references alone, so that client and mock cannot share one mistake. A
request off the reference is recorded and answered 599 with what is wrong; a good one gets the
smallest documented answer.
"""
