"""What a day was like, folded from its records; any past day again, with the same figures."""
