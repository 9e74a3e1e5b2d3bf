"""Chains, and what they hold beside records: blocks, transactions, configurations, evidence."""
