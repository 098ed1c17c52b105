"""Cards of the inspector with which one takes a gradient apart, checks it, and changes numbers."""
