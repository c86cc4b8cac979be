"""What `make bench` measures: Mainstay against yardsticks that do the same work by hand."""
