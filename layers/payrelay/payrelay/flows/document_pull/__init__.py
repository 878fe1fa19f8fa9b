"""Pay slips and annual statements of Exact Payroll Plus into the dossiers of Exact Synergy."""
