"""Event markers for the hall's video system: when something happened at a window, never to whom.

docs/video-markers.md says their form.
"""
