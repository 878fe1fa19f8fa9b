"""The local stack: MiniStack holding the deployed template, and the sandboxes, as processes of their own."""
