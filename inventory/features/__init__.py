"""What one number can do at its provider, a declaration for each feature."""

from inventory.features.base import Feature, Step
from inventory.features.registry import FEATURES, PANELS, get, named

__all__ = ["FEATURES", "PANELS", "Feature", "Step", "get", "named"]
