"""The Open Inference Protocol v2 over gRPC; the extra `grpc` is imported only when somebody asks for it."""
