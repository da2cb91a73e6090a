"""The thin Qt layer that kiosk and board share."""
