"""The one package that all functions share."""

import gc

# A function imports some 50,000 objects that stay for good. At Python's own threshold the collector looks
# at them thirty times meanwhile, once at all of them: that takes 5 to 15 % of a cold start and finds nothing.
gc.set_threshold(50_000)
