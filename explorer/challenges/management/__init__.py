"""Commands over what people sent."""
