"""Pretend carriers: a program of its own that speaks the wires of all four providers.

Plain WSGI over SQLite. It imports nothing of the portal, and only the command `runsandbox` and the
tests import it; `docs/sandbox.md` says how to run it and how to make it misbehave.
"""
