"""The frame that every sandbox shares: HTTP, admin interface, faults, request log, limits, saved state."""
