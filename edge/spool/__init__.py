"""The spool between the two networks (内网, 外网): files carried by hand or by a gap device, and what may be inside."""
