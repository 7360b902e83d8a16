"""Number-plan facts that the sandbox's stock is made from; README.md names the sources."""
