"""OData v2 as Exact's servers speak it: Synergy and Globe Next differ in their entities, not in this."""
