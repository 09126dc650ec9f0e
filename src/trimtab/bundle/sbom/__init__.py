"""The list of a bundle's parts, `sbom.cdx.json` in CycloneDX 1.6: `document` is its form, `write` the door."""
