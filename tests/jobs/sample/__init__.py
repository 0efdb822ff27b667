"""An application with one kind of work, for the test that starts the real process."""
