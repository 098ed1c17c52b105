"""Rules that find out from a run's numbers why training fails, with formulas, thresholds and sources."""
