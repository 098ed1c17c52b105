"""Everything gradviz ships that is not code: fonts, data, lessons, icons, translations."""
