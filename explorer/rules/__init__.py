"""What can be disputed of a record, and how a challenge goes on: the rules that forms, pages, API and workers
share. Pure: no database, no request, no clock.
"""
