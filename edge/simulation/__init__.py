"""Whole simulated days through the hall's own rules: proof of a policy, and a source of days for other tests.

`scenario` says how people come, `people` draws them from a seed, `day` lets them go through the rules, `judge` looks
at every call without asking the rules, `report` sums up, `kleinrock` checks the lot against theory.
"""
