"""What the API answers: a serializer for each answer of ``explorer.queries``. None of them asks anything."""
