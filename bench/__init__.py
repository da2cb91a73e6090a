"""Measurements of Hall Edge beside their peers: `python -m bench [TOPIC …] [--json]`; docs/bench.md explains them."""
