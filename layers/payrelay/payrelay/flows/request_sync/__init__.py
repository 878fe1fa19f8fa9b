"""Realised and re-opened requests of Exact Synergy to Exact Payroll Plus (RQ-1 to RQ-8)."""
