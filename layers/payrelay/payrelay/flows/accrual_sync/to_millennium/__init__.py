"""The direction TimeWorksPlus to Millennium (AC-6 to AC-9)."""
