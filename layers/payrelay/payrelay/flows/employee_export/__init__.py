"""Employees from Simployer One to Xledger."""
