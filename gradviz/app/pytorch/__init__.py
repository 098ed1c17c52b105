"""Writing what was recorded as a script for PyTorch: the way out for those who outgrow one machine."""
