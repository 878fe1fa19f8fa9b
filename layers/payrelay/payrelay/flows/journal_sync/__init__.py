"""Journal entries of Exact Payroll Plus to the companies of Exact Globe Next (JRN-1, JRN-2)."""
