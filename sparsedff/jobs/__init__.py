"""What each verb does, from the configuration to the lines it prints."""
