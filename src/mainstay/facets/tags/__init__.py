"""Tags: coloured words that any record may carry, the same in every room."""
