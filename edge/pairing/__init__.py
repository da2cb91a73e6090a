"""Who may belong to a hall: its own certificate authority, and how another machine joins it."""
