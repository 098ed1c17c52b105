"""What looks inside: the microscope, the lens, and cards with which one checks and changes numbers."""
