"""What the hall learns of its own waits, from records alone, and the forecast that screens and slips take it from."""

from edge.waiting.forecaster import Forecaster
from edge.waiting.learner import Learner

__all__ = ["Forecaster", "Learner"]
