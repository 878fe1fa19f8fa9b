"""Employee details and leave balances from Attaché Payroll to Express Leave."""
