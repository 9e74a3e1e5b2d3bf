"""From the tables to people: pages, API, challenges."""
