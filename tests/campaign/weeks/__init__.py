"""Simulated weeks of several halls and the centre: cases, handovers, results, ratings and complaints under faults.

The judge (`referee` and the lists it keeps: `trail`, `voices`, `before`, `held`, `matters`, `waits`, `wall`) knows
records as JSON and the words of the field, and imports nothing of ours.
"""
