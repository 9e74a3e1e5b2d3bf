"""What programs send of challenges, by the same functions as what people send by form."""
