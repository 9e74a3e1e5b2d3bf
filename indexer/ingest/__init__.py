"""A window of heights: fetch, verify, decode, write; in this process or in several."""
