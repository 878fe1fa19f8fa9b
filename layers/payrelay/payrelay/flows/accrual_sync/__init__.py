"""Accrual balances between Millennium and TimeWorksPlus, in the direction that the company chose."""
