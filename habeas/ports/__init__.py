"""What touches the outside: event files and the working folder."""
