"""The panel that trains: controls, numbers of now, and what is taken for what."""
