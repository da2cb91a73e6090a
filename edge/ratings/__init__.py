"""Ratings for others: our words on their scales. Nothing here decides anything."""
