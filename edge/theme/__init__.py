"""Theme packs: a city's unified logo (统一LOGO), its name in words and its colours, given once for many halls."""
