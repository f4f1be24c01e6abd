"""The benchmark rig: starts the programs, drives them in turns, and compares them."""
