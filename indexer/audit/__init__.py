"""Whether what is held is what it should be: derived again, and compared with what nodes say."""
