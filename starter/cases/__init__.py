"""The cases file and what becomes of it: read, put into words, played, reported, compared."""
