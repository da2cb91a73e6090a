"""Second-generation ID-card readers with the police security module (GA/T 467)."""
