"""Words: how a text is cut into what search looks for, for index, query and highlight alike."""
