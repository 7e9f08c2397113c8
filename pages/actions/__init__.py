"""Actions: their list, one action's file, its creation, its report."""
