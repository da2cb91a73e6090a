"""A light over a window: green while a number is called there, red otherwise."""
