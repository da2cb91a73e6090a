"""Device drivers: one protocol each, no policy. They know nothing of halls, tickets or databases."""
