"""Programs that run together: started in order, watched over, and ended with nothing left."""
