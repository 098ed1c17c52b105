"""From a recorded program to the graph that is drawn."""
