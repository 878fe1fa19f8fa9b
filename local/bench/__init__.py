"""What Payrelay costs: calls, writes, time, memory and cold starts, measured against the sandboxes."""
