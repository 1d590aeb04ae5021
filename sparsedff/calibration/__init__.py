"""Where the cameras, the table and the robot stand: `sparsedff calibrate`. Imports no torch, as the capture room."""
