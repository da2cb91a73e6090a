"""What a careful engineer would write by hand for the same job. Imports nothing of ours."""
