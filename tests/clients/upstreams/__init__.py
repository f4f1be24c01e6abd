"""Providers on the loopback: they play recorded answers and refuse what the real ones would refuse."""
