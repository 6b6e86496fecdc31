"""What a complaint costs: exact counts, ratios beside a bare workflow, memory, and the rules alone (`make bench`)."""
