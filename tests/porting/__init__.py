"""Tests of the porting domain."""
