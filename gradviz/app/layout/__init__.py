"""Where nodes and edges go: Graphviz in a worker process, with a simple fallback."""
