"""Rating pads on tablets and browsers, over WebSocket (rating_pad.md section 3)."""
