"""Closed months: records that left the live tables for sealed files beside the journal, and are read as before."""
