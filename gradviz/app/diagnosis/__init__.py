"""Rules that find out from a run's numbers why training fails, each with its formula, threshold and source."""
