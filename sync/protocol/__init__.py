"""Station link v1: records, parts and messages as both ends see them. Pure: no I/O, no clock, nothing of ours."""
