"""What a run needs, built once: inputs, models, distiller."""
