"""Keypads and rating pads on one RS-485 line, frames of the FF 68 family."""
