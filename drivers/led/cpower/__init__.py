"""Lumen C-Power / CP5200 panels (led.md 2)."""
