"""Time off from Simployer One to Xledger."""
