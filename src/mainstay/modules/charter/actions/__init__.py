"""What can be done with goals, services, risks and documents."""
