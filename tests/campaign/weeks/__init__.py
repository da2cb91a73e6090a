"""Simulated weeks of several halls and the centre: cases, handovers, results, ratings and complaints under faults.

`referee`, `trail`, `voices`, `before` and `wall` know records as JSON and the words of the field; they import nothing
of ours.
"""
