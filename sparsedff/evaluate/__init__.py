"""How good a transfer is: measures against ground truth."""
