"""MLflow model folders as a source, read without MLflow. `folder` is the door."""
