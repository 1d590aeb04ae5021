"""Captures of other layouts: images with JSON, Open3D's and Redwood's folders, ROS bags."""
