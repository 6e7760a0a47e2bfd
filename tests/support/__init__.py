"""A tiny app with one noun, for testing the frame before real nouns exist."""
