"""Devices of the hall: supervision, the host link, the registry. Drivers have no policy; all of it is here."""
