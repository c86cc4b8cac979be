"""What a project sets out with: its goals, services, risks and documents."""
