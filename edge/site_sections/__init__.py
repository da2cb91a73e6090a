"""The sections of a site's file that are a subject of their own; `edge/site.py` puts the whole together."""
