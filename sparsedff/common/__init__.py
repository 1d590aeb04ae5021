"""What every room uses: atomic files, typed settings, progress, clock, keys."""
