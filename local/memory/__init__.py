"""The ledger in memory, for the benchmark and the tests."""
