"""Ma journée: what to do now."""
