"""The app without a screen: recording, timeline, graph, lessons, export, command line."""
