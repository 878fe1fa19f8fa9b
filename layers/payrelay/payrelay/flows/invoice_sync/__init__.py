"""Documents from AutoVu to QuickBooks, Xero or Sage."""
