"""Errors of estimated poses as the BOP challenge defines them."""
