"""What answers in place of the trained model: numpy and the standard library, ONNX Runtime where a graph needs it."""
