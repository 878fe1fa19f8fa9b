"""The direction Millennium to TimeWorksPlus (AC-2 to AC-5)."""
