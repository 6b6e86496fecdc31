"""What Temporal has done in the outside world: thin, safe to do twice, one outside system a file."""
