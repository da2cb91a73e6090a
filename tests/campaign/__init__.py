"""Long runs against the real programs, and the judge of what they left behind."""
