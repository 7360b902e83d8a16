"""The drift: where a provider and we differ. `compare` finds it, `repair` ends it.

Nothing is imported here: `compare` runs inside jobs, `repair` submits them.
"""
