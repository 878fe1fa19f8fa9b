"""The one door out, and what calls and answers are made of."""
