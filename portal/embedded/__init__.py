"""The servers that a machine without PostgreSQL and a broker gets: started, watched, stopped."""
