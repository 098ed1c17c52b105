"""Looking inside a recorded iteration: taking gradients apart, checking them, and changing numbers."""
