"""What the centre sends down: the site's store of it, and what follows from each item."""
