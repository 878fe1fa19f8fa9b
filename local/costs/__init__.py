"""What it costs: a model of a month on AWS, made from the template, the state machines and the flows."""
