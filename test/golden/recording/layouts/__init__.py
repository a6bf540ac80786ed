"""Tiny graphs in the layouts that PyTorch exporters leave behind, one module per layout."""
