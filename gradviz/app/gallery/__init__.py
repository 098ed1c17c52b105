"""Training runs that fail, each for one reason, and the same runs with that reason taken away."""
