"""The console in a browser; what its tests share for all of them ends with this package."""
