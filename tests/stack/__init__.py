"""The whole stack on the emulator; what its tests share for all of them ends with this package."""
