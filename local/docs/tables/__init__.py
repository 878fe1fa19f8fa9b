"""The makers: a public function of a module here makes one table, which a document names by both."""
