"""What can be asked of the tables, without HTTP. Every text leaves through here, past the suppression gate.

Times are aware and in UTC, heights are of blocks, hashes and keys are bytes. A question that nothing answers
raises ``NotHere``; what cannot be a question raises ``BadQuestion``. Both say what to do.
"""
