"""A runtime for ONNX, as MLServer's page on custom runtimes has it."""

from __future__ import annotations

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse
from predictors import Predictor


class OnnxModel(MLModel):
    """One tensor in, one out."""

    async def load(self) -> bool:
        """Opens the session."""
        self.run = Predictor("mlp")
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """The scores of the rows."""
        rows = self.decode(payload.inputs[0], default_codec=NumpyCodec)
        output = NumpyCodec.encode_output("scores", self.run(rows))
        return InferenceResponse(model_name=self.name, outputs=[output])
