"""Bundles and images as OCI content: blobs named by their digest, in a folder, in an archive, in a registry."""
