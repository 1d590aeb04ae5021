"""Taking captures and stills from the command line or a run. Imports no torch: it serves the camera machine too."""
