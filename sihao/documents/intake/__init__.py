"""What each kind of uploaded file must be, kind by kind."""
